package routing

import (
	"slices"
	"strings"
	"testing"
)

// Each change of a good definition gives exactly the problems named.
func TestProblems(t *testing.T) {
	rule := func(w Condition) Rule { return Rule{ID: "r", When: w, Route: Route{Mailbox: "a"}} }
	for name, c := range map[string]struct {
		change func(*Definition)
		want   []string
	}{
		"nothing":           {func(d *Definition) {}, nil},
		"tenant":            {func(d *Definition) { d.Tenant = "" }, []string{"value_required /tenant"}},
		"language":          {func(d *Definition) { d.Language = "fr" }, []string{"language_unknown /language"}},
		"zone":              {func(d *Definition) { d.TimeZone = "Mars/Olympus" }, []string{"time_zone_unknown /time_zone"}},
		"local zone":        {func(d *Definition) { d.TimeZone = "Local" }, []string{"time_zone_unknown /time_zone"}},
		"no domains":        {func(d *Definition) { d.Domains = nil }, []string{"value_required /domains"}},
		"domain":            {func(d *Definition) { d.Domains = append(d.Domains, "exa mple") }, []string{"domain_invalid /domains/1"}},
		"no mailboxes":      {func(d *Definition) { *d = bare(); d.Mailboxes = nil }, []string{"value_required /mailboxes"}},
		"id":                {func(d *Definition) { *d = bare(); d.Mailboxes[0].ID = "A b" }, []string{"id_invalid /mailboxes/0/id"}},
		"missing id":        {func(d *Definition) { *d = bare(); d.Mailboxes[0].ID = "" }, []string{"value_required /mailboxes/0/id"}},
		"duplicate mailbox": {func(d *Definition) { d.Mailboxes[2].ID = "b" }, []string{"id_duplicate /mailboxes/2/id", "mailbox_unknown /contact_points/0/mailbox"}},
		"duplicate topic":   {func(d *Definition) { d.Topics[1].ID = "x" }, []string{"id_duplicate /topics/1/id"}},
		"name":              {func(d *Definition) { d.Topics[0].Names = Names{"da": "X"} }, []string{"value_required /topics/0/names"}},
		"name's language":   {func(d *Definition) { d.Topics[0].Names["fr"] = "X" }, []string{"language_unknown /topics/0/names/fr"}},
		"empty name":        {func(d *Definition) { d.Topics[0].Names["da"] = " " }, []string{"value_required /topics/0/names/da"}},
		"address":           {func(d *Definition) { d.Mailboxes[0].Address = "A <a@town.example>" }, []string{"address_invalid /mailboxes/0/address"}},
		"foreign address":   {func(d *Definition) { d.Mailboxes[0].Address = "a@notown.example" }, []string{"address_foreign /mailboxes/0/address"}},
		"foreign owner":     {func(d *Definition) { d.Mailboxes[0].Owners = []string{"a@b.town.example"} }, []string{"address_foreign /mailboxes/0/owners/0"}},
		"foreign list":      {func(d *Definition) { d.ManualList.Owners = []string{"a@b.example"} }, []string{"address_foreign /manual_list/owners/0"}},
		"same address":      {func(d *Definition) { d.Mailboxes[1].Address = "A@Town.example" }, []string{"address_duplicate /mailboxes/1/address"}},
		"deputy":            {func(d *Definition) { d.Mailboxes[0].Deputy = "gone" }, []string{"mailbox_unknown /mailboxes/0/deputy"}},
		"own deputy":        {func(d *Definition) { d.Mailboxes[0].Deputy = "a" }, []string{"deputy_cycle /mailboxes/0/deputy"}},
		"deputy for hours":  {func(d *Definition) { d.Mailboxes[1].DeputyOutsideHours = true }, []string{"deputy_missing /mailboxes/1/deputy_outside_hours"}},
		"hours":             {func(d *Definition) { d.Mailboxes[1].Hours = []Period{{From: "8"}} }, []string{"time_invalid /mailboxes/1/hours/0"}},
		"size":              {func(d *Definition) { d.Mailboxes[1].SizeLimitMB = -1 }, []string{"size_limit_invalid /mailboxes/1/size_limit_mb"}},
		"topic's mailbox":   {func(d *Definition) { d.Topics[1].Mailbox = "" }, []string{"value_required /topics/1/mailbox"}},
		"case":              {func(d *Definition) { d.Cases = []CaseSeries{{Topic: "x"}} }, []string{"value_required /cases/0/prefix"}},
		"case twice": {func(d *Definition) { d.Cases = []CaseSeries{{Prefix: "k", Topic: "x"}, {Prefix: "K", Topic: "y"}} },
			[]string{"case_duplicate /cases/1/prefix"}},
		"case to nowhere": {func(d *Definition) { d.Cases = []CaseSeries{{Prefix: "k"}} }, []string{"route_without_destination /cases/0"}},
		"contact folder":  {func(d *Definition) { d.ContactPoints[0].Folder = "g" }, []string{"contact_folder_unknown /contact_points/0/folder"}},
		"contact overlap": {func(d *Definition) {
			d.ContactPoints = append(d.ContactPoints, ContactPoint{ID: "q", Folder: "f", Names: Names{"en": "Q"}, Mailbox: "c", Topic: "x"})
		}, []string{"contact_overlap /contact_points/1"}},
		"contact with the same name": {func(d *Definition) {
			d.ContactPoints = append(d.ContactPoints, ContactPoint{ID: "q", Folder: "f", Names: Names{"en": " p "}, Mailbox: "a"})
		}, []string{"contact_overlap /contact_points/1"}},
		"company number":     {func(d *Definition) { d.Company.OrganisationNumbers = []string{"DK-1", "no/1"} }, []string{"value_invalid /company/organisation_numbers/1"}},
		"company address":    {func(d *Definition) { d.Company.Addresses = []string{"c@b.example"} }, []string{"address_foreign /company/addresses/0", "value_required /company"}},
		"somebody's company": {func(d *Definition) { d.Rules = []Rule{rule(Condition{RecipientNumber: []string{"1"}})} }, []string{"value_invalid /rules/0/when/recipient_number/0"}},
		"rule to nowhere": {func(d *Definition) {
			d.Rules = []Rule{rule(Condition{CaseID: []string{"1"}})}
			d.Rules[0].Route = Route{}
		}, []string{"route_without_destination /rules/0/route"}},
		"no condition": {func(d *Definition) { d.Rules = []Rule{rule(Condition{})} }, []string{"rule_without_condition /rules/0"}},
		"empty list":   {func(d *Definition) { d.Rules = []Rule{rule(Condition{Subject: []string{}, CaseID: []string{"1"}})} }, []string{"value_required /rules/0/when/subject"}},
		"empty kinds": {func(d *Definition) {
			d.Rules = []Rule{rule(Condition{SenderKind: []SenderKind{}, CaseID: []string{"1"}})}
		}, []string{"value_required /rules/0/when/sender_kind"}},
		"manual and more": {func(d *Definition) { d.DefaultRoute = &Route{Manual: true, Folder: "x"} }, []string{"route_contradictory /default_route"}},
		"copy":            {func(d *Definition) { d.DefaultRoute = &Route{Mailbox: "a", Copies: []string{"b", "gone"}} }, []string{"mailbox_unknown /default_route/copies/1"}},
		"empty value":     {func(d *Definition) { d.Rules = []Rule{rule(Condition{Subject: []string{" "}})} }, []string{"value_required /rules/0/when/subject/0"}},
		"reply mailbox":   {func(d *Definition) { d.Rules = []Rule{rule(Condition{ReplyMailbox: []string{"z"}})} }, []string{"mailbox_unknown /rules/0/when/reply_mailbox/0"}},
		"reply topic":     {func(d *Definition) { d.Rules = []Rule{rule(Condition{ReplyTopic: []string{"z"}})} }, []string{"topic_unknown /rules/0/when/reply_topic/0"}},
		"sender kind":     {func(d *Definition) { d.Rules = []Rule{rule(Condition{SenderKind: []SenderKind{"dog"}})} }, []string{"value_invalid /rules/0/when/sender_kind/0"}},
		"sender domain":   {func(d *Definition) { d.Rules = []Rule{rule(Condition{SenderDomain: []string{"*"}})} }, []string{"domain_invalid /rules/0/when/sender_domain/0"}},
		"case id":         {func(d *Definition) { d.Rules = []Rule{rule(Condition{CaseID: []string{"2*7"}})} }, []string{"value_invalid /rules/0/when/case_id/0"}},
		"rule's language": {func(d *Definition) { d.Rules = []Rule{rule(Condition{Language: []string{"en-GB"}})} }, []string{"value_invalid /rules/0/when/language/0"}},
		"window":          {func(d *Definition) { d.Rules = []Rule{rule(Condition{Received: &Window{FirstDay: "2026-02-30"}})} }, []string{"time_invalid /rules/0/when/received"}},
		"duplicate rule": {func(d *Definition) {
			d.Rules = []Rule{rule(Condition{CaseID: []string{"1"}}), rule(Condition{CaseID: []string{"2"}})}
		}, []string{"id_duplicate /rules/1/id"}},
	} {
		t.Run(name, func(t *testing.T) {
			def := town()
			c.change(&def)
			if got := codes(t, def); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// bare is the town with one mailbox and nothing that refers to it.
func bare() Definition {
	def := town()
	def.Mailboxes, def.Topics, def.ContactPoints = def.Mailboxes[:1], nil, nil
	return def
}

func TestTooManyRules(t *testing.T) {
	def := town()
	def.Rules = make([]Rule, MaxRules+1)
	if got := codes(t, def); !slices.Equal(got, []string{"rules_too_many /rules"}) {
		t.Error(len(got), got[0])
	}
}

func TestProblemsNameNoAddress(t *testing.T) {
	def := town()
	def.Mailboxes[0].Address, def.Mailboxes[0].Owners = "caseworker@elsewhere.example", []string{"not an address"}
	_, problems := Compile(def)
	for _, p := range problems {
		if strings.Contains(p.Error(), "caseworker") || strings.Contains(p.Error(), "not an address ") {
			t.Errorf("names an address: %v", p)
		}
	}
}

// A rule is shadowed if an earlier one provably takes all it would.
func TestShadows(t *testing.T) {
	window := &Window{Days: []string{"mon"}}
	for name, c := range map[string]struct {
		earlier, later Condition
		want           bool
	}{
		"equal":            {Condition{CaseID: []string{"1", "2"}}, Condition{CaseID: []string{"2", "1"}}, true},
		"narrower field":   {Condition{SenderKind: []SenderKind{Company}}, Condition{SenderKind: []SenderKind{Company}, Subject: []string{"a+"}}, true},
		"wider list":       {Condition{Language: []string{"da", "en"}}, Condition{Language: []string{"en"}}, true},
		"below the domain": {Condition{SenderDomain: []string{"*.x.example"}}, Condition{SenderDomain: []string{"a.x.example", "*.b.x.example"}}, true},
		"start of case":    {Condition{CaseID: []string{"27*"}}, Condition{CaseID: []string{"27.1", "27.2*"}}, true},
		"equal patterns":   {Condition{Subject: []string{"a+", "b+"}}, Condition{Subject: []string{"b+"}}, true},
		"equal windows":    {Condition{Received: window}, Condition{Received: &Window{Days: []string{"mon"}, To: "24:00"}}, true},
		"letter case":      {Condition{CaseID: []string{"k-1"}}, Condition{CaseID: []string{"K-1"}}, true},

		"wider later":       {Condition{Language: []string{"en"}}, Condition{Language: []string{"da", "en"}}, false},
		"other field":       {Condition{Language: []string{"en"}}, Condition{CaseID: []string{"en"}}, false},
		"the domain itself": {Condition{SenderDomain: []string{"*.x.example"}}, Condition{SenderDomain: []string{"x.example"}}, false},
		"similar domain":    {Condition{SenderDomain: []string{"*.x.example"}}, Condition{SenderDomain: []string{"yx.example"}}, false},
		"domain above":      {Condition{SenderDomain: []string{"*.a.x.example"}}, Condition{SenderDomain: []string{"*.x.example"}}, false},
		"shorter start":     {Condition{CaseID: []string{"27.1*"}}, Condition{CaseID: []string{"27*"}}, false},
		"other pattern":     {Condition{Subject: []string{"a+"}}, Condition{Subject: []string{"aa"}}, false},
		"other window":      {Condition{Received: window}, Condition{Received: &Window{Days: []string{"tue"}}}, false},
		"one more field":    {Condition{CaseID: []string{"1"}, Language: []string{"da"}}, Condition{CaseID: []string{"1"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			def := town()
			def.Rules = []Rule{
				{ID: "zero", When: Condition{OrganisationNumber: []string{"0"}}, Route: Route{Mailbox: "a"}},
				{ID: "earlier", When: c.earlier, Route: Route{Mailbox: "a"}},
				{ID: "later", When: c.later, Route: Route{Mailbox: "b"}},
			}
			_, problems := Compile(def)
			got := len(problems) == 1 && problems[0].Code == CodeShadowed && problems[0].Path == "/rules/2" && problems[0].Related == "/rules/1"
			if got != c.want || !got && len(problems) > 0 {
				t.Errorf("shadowed: %v, problems %v", got, problems)
			}
		})
	}
}
