package portal

import (
	"strings"

	"senddigitally/backend/catalogue"
	"senddigitally/backend/transfer"
	"senddigitally/backend/web"
)

var rules = web.Rules()

// codeInput is the form at a link.
type codeInput struct {
	Code string `json:"code" validate:"max=200"`
}

// replyInput is a reply without its files. The page's field counts a line break
// as one character, as the rule does.
type replyInput struct {
	Submission string `json:"submission" validate:"required,min=16,max=64,alphanum"`
	Text       string `json:"text" validate:"max=100000"`
}

func (f form) input() replyInput {
	return replyInput{Submission: f.submission, Text: strings.ReplaceAll(f.text, "\r\n", "\n")}
}

// valid is Invalid, with the rules that are broken as its cause.
func valid(input any) error {
	if err := rules.Struct(input); err != nil {
		return transfer.Wrap(transfer.Invalid, "the input breaks a rule", err)
	}
	return nil
}

// said is what is wrong, in the reader's words: the rule that is broken, or the
// sentence of the error.
func said(words catalogue.Words, problem error) string {
	if faults := web.Faults(problem, words); len(faults) > 0 {
		return faults[0].Message
	}
	_, text := words.Error(problem)
	return text
}
