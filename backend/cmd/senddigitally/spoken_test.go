package main

import (
	"errors"
	"strings"
	"testing"

	"senddigitally/backend/config"
)

func TestProblemsOfTheConfigurationAreInTheCallersLanguage(t *testing.T) {
	_, err := config.Load("", []string{"SENDDIGITALLY_LOG_LEVEL=loud"})
	for locale, want := range map[string]string{"da_DK.UTF-8": "Konfigurationen", "nn_NO.UTF-8": "Konfigurasjonen", "de": "Die Konfiguration", "C.UTF-8": "The configuration", "": "The configuration"} {
		env := func(name string) string { return map[string]string{"LANG": locale}[name] }
		if said := spoken(err, env); !strings.HasPrefix(said, want) {
			t.Errorf("in %q it says %.40s", locale, said)
		}
	}
	first := func(name string) string { return map[string]string{"LC_ALL": "sv_SE.UTF-8", "LANG": "de"}[name] }
	if said := spoken(err, first); !strings.HasPrefix(said, "Konfigurationen är") {
		t.Errorf("LC_ALL is not first: %.40s", said)
	}
	if said := spoken(errors.New("other"), first); said != "other" {
		t.Errorf("other errors: %s", said)
	}
}
