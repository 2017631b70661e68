package manifest

// StandardTexts are the product's own names and descriptions; English is the
// default.
func StandardTexts() []Text {
	return []Text{
		{
			Locale: "en-US", Name: "Send Digitally", ReadName: "My transfers",
			Description: "Sends messages and files encrypted. Recipients open them with a link and a code, and reply the same way.",
			SendTip:     "Send this message and its files encrypted, with a personal link for each recipient.",
			ReadTip:     "See what you have sent digitally and who has opened it.",
		},
		{
			Locale: "da-DK", Name: "Send Digitalt", ReadName: "Mine forsendelser",
			Description: "Sender beskeder og filer krypteret. Modtagerne åbner dem med et link og en kode og svarer samme vej.",
			SendTip:     "Send denne besked og dens filer krypteret, med et personligt link til hver modtager.",
			ReadTip:     "Se, hvad du har sendt digitalt, og hvem der har åbnet det.",
		},
		{
			Locale: "nb-NO", Name: "Send digitalt", ReadName: "Mine forsendelser",
			Description: "Sender meldinger og filer kryptert. Mottakerne åpner dem med en lenke og en kode og svarer samme vei.",
			SendTip:     "Send denne meldingen og filene kryptert, med en personlig lenke til hver mottaker.",
			ReadTip:     "Se hva du har sendt digitalt, og hvem som har åpnet det.",
		},
		{
			Locale: "nl-NL", Name: "Digitaal verzenden", ReadName: "Mijn verzendingen",
			Description: "Verzendt berichten en bestanden versleuteld. Ontvangers openen ze met een link en een code en antwoorden langs dezelfde weg.",
			SendTip:     "Verzend dit bericht en de bestanden versleuteld, met een persoonlijke link voor elke ontvanger.",
			ReadTip:     "Bekijk wat u digitaal hebt verzonden en wie het heeft geopend.",
		},
		{
			Locale: "sv-SE", Name: "Skicka digitalt", ReadName: "Mina försändelser",
			Description: "Skickar meddelanden och filer krypterat. Mottagarna öppnar dem med en länk och en kod och svarar samma väg.",
			SendTip:     "Skicka meddelandet och filerna krypterat, med en personlig länk till varje mottagare.",
			ReadTip:     "Se vad du har skickat digitalt och vem som har öppnat det.",
		},
		{
			Locale: "de-DE", Name: "Digital senden", ReadName: "Meine Sendungen",
			Description: "Sendet Nachrichten und Dateien verschlüsselt. Empfänger öffnen sie mit Link und Code und antworten auf demselben Weg.",
			SendTip:     "Diese Nachricht und ihre Dateien verschlüsselt senden, mit einem persönlichen Link für jeden Empfänger.",
			ReadTip:     "Sehen, was Sie digital gesendet haben und wer es geöffnet hat.",
		},
	}
}
