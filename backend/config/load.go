package config

import (
	"encoding"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
)

// Load reads the settings: defaults, then the file at path ("" for none), then
// the environment ("NAME=value", as os.Environ gives it). The error is Problems
// with everything that is wrong.
func Load(path string, environ []string) (Config, error) {
	var p Problems
	raw := layers(path, environ, &p)
	fill(raw, reflect.TypeFor[Config]())
	var c Config
	decode(raw, &c, &p)
	c.check(&p)
	if len(p) > 0 {
		return Config{}, p.tidy()
	}
	return c, nil
}

// Default is the settings that nobody made: a Config to complete in code. The
// caller checks it with Check.
func Default() Config {
	raw := map[string]any{}
	fill(raw, reflect.TypeFor[Config]())
	var c Config
	decode(raw, &c, new(Problems))
	return c
}

// DefaultTenant is a tenant with the defaults of one.
func DefaultTenant() Tenant {
	raw := map[string]any{}
	fill(raw, reflect.TypeFor[Tenant]())
	var t Tenant
	decode(raw, &t, new(Problems))
	return t
}

// Check is nil, or Problems with everything that is wrong.
func (c *Config) Check() error {
	var p Problems
	c.check(&p)
	if len(p) > 0 {
		return p.tidy()
	}
	return nil
}

func layers(path string, environ []string, p *Problems) map[string]any {
	k := koanf.New(".")
	if path != "" {
		if err := k.Load(file.Provider(path), yaml.Parser()); err != nil {
			p.add(path, "unreadable_file", Params{"cause": strings.ReplaceAll(err.Error(), "\n", " ")})
		}
	}
	variables := env.Provider(".", env.Opt{Prefix: prefix, EnvironFunc: func() []string { return environ },
		TransformFunc: func(name, value string) (string, any) { return variable(name, value, p) }})
	if err := k.Load(variables, nil, koanf.WithMergeFunc(merge)); err != nil {
		p.add(prefix+"…", "unreadable_environment", nil)
	}
	return k.Raw()
}

// variable turns an environment variable into a path and a value. Empty ones
// count as not set.
func variable(name, value string, p *Problems) (string, any) {
	if value == "" {
		return "", nil
	}
	for _, f := range schema {
		if path, ok := f.setBy(name); ok {
			return path, value
		}
		if base, isFile := strings.CutSuffix(name, "_FILE"); isFile && f.secret {
			if path, ok := f.setBy(base); ok {
				return path, secretFile(name, value, p)
			}
		}
	}
	p.add(name, "unknown_variable", nil)
	return "", nil
}

func secretFile(name, path string, p *Problems) string {
	content, err := os.ReadFile(path)
	if err != nil {
		p.add(name, "secret_file", nil)
		return ""
	}
	return strings.TrimRight(string(content), "\r\n")
}

// merge lays what the environment says over what the file says. A map whose
// keys are numbers is about the elements of a list.
func merge(src, dest map[string]any) error {
	for name, value := range src {
		dest[name] = over(dest[name], value)
	}
	return nil
}

func over(old, value any) any {
	changes, isMap := value.(map[string]any)
	if !isMap {
		return value
	}
	list, isList := old.([]any)
	if numbered(changes) && (isList || old == nil) {
		return overList(list, changes)
	}
	into, isMap := old.(map[string]any)
	if !isMap {
		into = map[string]any{}
	}
	_ = merge(changes, into)
	return into
}

func overList(list []any, changes map[string]any) []any {
	list = slices.Clone(list)
	for i := range 1000 {
		if value, ok := changes[strconv.Itoa(i)]; ok {
			for len(list) <= i {
				list = append(list, map[string]any{})
			}
			list[i] = over(list[i], value)
		}
	}
	return list
}

func numbered(m map[string]any) bool {
	for name := range m {
		if _, err := strconv.Atoi(name); err != nil {
			return false
		}
	}
	return true
}

// fill writes defaults where nothing is.
func fill(raw map[string]any, t reflect.Type) {
	for i := range t.NumField() {
		sf := t.Field(i)
		name := sf.Tag.Get("koanf")
		inner, list := section(sf.Type)
		switch def, has := sf.Tag.Lookup("default"); {
		case inner == nil:
			if has && raw[name] == nil {
				raw[name] = def
			}
		case list:
			elements, _ := raw[name].([]any)
			for _, element := range elements {
				if m, ok := element.(map[string]any); ok {
					fill(m, inner)
				}
			}
		default:
			if raw[name] == nil {
				raw[name] = map[string]any{}
			}
			if m, ok := raw[name].(map[string]any); ok {
				fill(m, inner)
			}
		}
	}
}

// decode writes raw values into a struct and collects what does not fit.
func decode(raw map[string]any, into any, p *Problems) {
	var seen mapstructure.Metadata
	decoder, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{TagName: "koanf", Result: into, Metadata: &seen,
		WeaklyTypedInput: true, DecodeHook: mapstructure.ComposeDecodeHookFunc(splitList, fromText)})
	if err != nil {
		panic(err) // Result is always a pointer
	}
	p.undecodable(decoder.Decode(raw))
	for _, name := range seen.Unused {
		p.add(name, "unknown_setting", nil)
	}
}

// splitList makes a list of a text with commas, as defaults and environment
// variables have it.
func splitList(from, to reflect.Type, value any) (any, error) {
	if from.Kind() != reflect.String || to.Kind() != reflect.Slice {
		return value, nil
	}
	var out []string
	for part := range strings.SplitSeq(value.(string), ",") {
		out = append(out, strings.TrimSpace(part))
	}
	return out, nil
}

// fromText reads the types that know how they are written, from numbers too, so
// that a number without its unit is seen by the type.
func fromText(from, to reflect.Type, value any) (any, error) {
	target := reflect.New(to)
	reader, ok := target.Interface().(encoding.TextUnmarshaler)
	if !ok || from == to || from.Kind() == reflect.Map || from.Kind() == reflect.Slice {
		return value, nil
	}
	if err := reader.UnmarshalText([]byte(fmt.Sprint(value))); err != nil {
		return nil, err
	}
	return target.Elem().Interface(), nil
}
