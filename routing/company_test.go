package routing

import "testing"

func TestWhatAddressesSay(t *testing.T) {
	def := town()
	def.Company = OwnCompany{OrganisationNumbers: []string{"DK 12-34", "56"}, Addresses: []string{"company@town.example"}}
	set, problems := Compile(def)
	if set == nil {
		t.Fatal(problems)
	}
	for address, want := range map[string][2]string{
		"intake+P@town.example":      {"p", ""},
		"intake+dk1234@town.example": {"", "DK1234"},
		"intake+56@town.example":     {"", "56"},
		"Company@town.example":       {"", "DK1234"},
		"intake@town.example":        {},
		"intake+@town.example":       {},
		"dk1234@town.example":        {},
		"company+x@town.example":     {},
	} {
		if point, number := set.AddressedTo([]string{"other@town.example", address}); point != want[0] || number != want[1] {
			t.Errorf("%s: %q %q", address, point, number)
		}
	}
}
