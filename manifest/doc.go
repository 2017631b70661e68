// Package manifest writes the manifest with which Outlook learns of the add-in,
// and reads our own manifest back.
//
// One [Definition] says what differs between deployments; [XML] makes the
// add-in-only manifest of it, which all Outlook clients take
// (https://learn.microsoft.com/office/dev/add-ins/develop/xml-manifest-overview).
// [Parse] gives the buttons of such a manifest, for whoever draws a ribbon
// from it.
//
// Invariant: what XML writes validates against Microsoft's schemas, whatever
// text the definition holds, and Parse finds in it what XML put there.
//
// Failure: a definition that Outlook would refuse is an error that names the
// field; nothing is written then.
package manifest
