package web

import (
	"errors"
	"reflect"
	"strings"

	"github.com/go-playground/validator/v10"

	"senddigitally/backend/catalogue"
)

// Rules is a validator of input at the edge: fields are named as the input
// names them, by their json tag.
func Rules() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		return name
	})
	return v
}

// Faults are the fields that an error of Rules is about, in a reader's words.
func Faults(err error, words catalogue.Words) []FieldFault {
	broken, _ := errors.AsType[validator.ValidationErrors](err)
	var faults []FieldFault
	for _, f := range broken {
		_, field, _ := strings.Cut(f.Namespace(), ".")
		faults = append(faults, FieldFault{Field: field, Rule: f.Tag(), Message: words.Field(f)})
	}
	return faults
}
