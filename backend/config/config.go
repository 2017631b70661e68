package config

// Config is an installation's settings.
type Config struct {
	Mode     Mode     `koanf:"mode" default:"production" validate:"oneof=production trial" doc:"production, or trial: one machine, loopback only, fewer demands."`
	Listen   Listen   `koanf:"listen" doc:"Where the process listens."`
	Origins  Origins  `koanf:"origins" doc:"The addresses that browsers use. Links are made from these, never from what a request says."`
	TLS      TLS      `koanf:"tls" doc:"The certificate, where the process itself speaks TLS. Leave both empty behind a proxy that does, and name that in trusted_proxies."`
	Proxies  []string `koanf:"trusted_proxies" example:"127.0.0.1, ::1" validate:"dive,cidr|ip" doc:"Proxies whose X-Forwarded-For is believed, as networks or addresses. Without it, everybody who comes through a proxy is one visitor to all limits. In production one must be named where the process has no certificate, on this machine for a listener on loopback."`
	Redis    Redis    `koanf:"redis" doc:"The ledger."`
	Storage  Storage  `koanf:"storage" doc:"Where encrypted content and its keys lie. They are kept apart, since a deleted key is what erases content from every backup."`
	Audit    Audit    `koanf:"audit" doc:"The audit log."`
	Scanning Scanning `koanf:"scanning" doc:"Malware."`
	Work     Work     `koanf:"work" doc:"Background work."`
	Log      Log      `koanf:"log" doc:"The process's own log. It names no person and no secret."`
	Addin    Addin    `koanf:"addin" doc:"The add-in as Outlook gets it."`
	Tenants  []Tenant `koanf:"tenants" validate:"required,dive" doc:"The organisations that the installation serves."`
}

// Mode says how strict the start is.
type Mode string

// The modes.
const (
	Production Mode = "production"
	Trial      Mode = "trial"
)

// Listen is where the process listens.
type Listen struct {
	Staff   string `koanf:"staff" default:"127.0.0.1:8441" validate:"required" doc:"For the task pane, the staff pages and the API."`
	Portal  string `koanf:"portal" default:"127.0.0.1:8442" validate:"required" doc:"For the recipients' pages."`
	Metrics string `koanf:"metrics" default:"127.0.0.1:8443" doc:"For metrics, to be reached by the operator only. Empty: none."`
}

// Origins are the public addresses.
type Origins struct {
	Staff         string `koanf:"staff" example:"https://send.municipality.example" validate:"required,http_url" doc:"Of the task pane, the staff pages and the API."`
	Portal        string `koanf:"portal" example:"https://post.municipality.example" validate:"required,http_url" doc:"Of the recipients' pages. It must be another one, so that no page of theirs can reach the staff's."`
	Notifications string `koanf:"notifications" example:"https://send.municipality.example" validate:"omitempty,http_url" doc:"Under which Microsoft Graph reaches /graph/notifications/ of the staff listener from the internet, to say at once that mail has come. Empty: the intake and service mailboxes are looked at every 15 seconds, as they are anyway."`
}

// TLS is the process's own certificate.
type TLS struct {
	Certificate string `koanf:"certificate" example:"/etc/senddigitally/tls.pem" validate:"omitempty,filepath" doc:"File with the certificate chain, PEM."`
	Key         string `koanf:"key" example:"/etc/senddigitally/tls.key" validate:"omitempty,filepath" doc:"File with its private key, PEM, readable by the service only."`
}

// Redis is the ledger.
type Redis struct {
	URL              string `koanf:"url" default:"redis://127.0.0.1:6379/0" validate:"required" doc:"redis://, rediss:// (TLS) or unix://; with +cluster or +sentinel behind the scheme for many. Credentials are given apart."`
	User             string `koanf:"user" example:"senddigitally" doc:"The ACL user; empty is Redis' default user."`
	Password         Secret `koanf:"password" doc:"Its password."`
	Authority        string `koanf:"authority" example:"/etc/senddigitally/redis-authority.pem" validate:"omitempty,filepath" doc:"File with the certificates of the authority that vouches for Redis, PEM, where it is not one that the system knows."`
	TrustPersistence bool   `koanf:"trust_persistence" default:"false" doc:"Start although Redis does not show that it keeps what it acknowledged, as some managed ones do not."`
}

// Storage is where content and keys lie.
type Storage struct {
	Blobs           string `koanf:"blobs" default:"file:///var/lib/senddigitally/blobs" validate:"required,url" doc:"Encrypted content, manifests and journals: file:// and a directory, s3://bucket/prefix?region=eu-north-1, or azblob://account/container/prefix. ?endpoint=https://… names another service that speaks the protocol; it must honour If-None-Match."`
	Keys            string `koanf:"keys" default:"file:///var/lib/senddigitally/keys" validate:"required,url" doc:"Wrapped data keys, at a place of their own of one of these kinds, without versions or soft deletion. Keep its backups short: until they are gone, erased content can be read from backups of both."`
	Keyring         string `koanf:"keyring" default:"/etc/senddigitally/keyring.json" validate:"required,filepath" doc:"File with the key-encryption keys, mode 0400. Without it nothing can be read: keep a copy in a safe."`
	KEK             string `koanf:"kek" default:"keyring" validate:"required" doc:"What wraps the keys of transfers: keyring, or an RSA key in Azure Key Vault, https://<vault>.vault.azure.net/keys/<name>, which the identity of the machine may get, wrap and unwrap with. The keyring is needed in either case."`
	S3AccessKey     string `koanf:"s3_access_key" example:"AKIAEXAMPLE" doc:"Access key id of the identity that reads and writes S3 places."`
	S3SecretKey     Secret `koanf:"s3_secret_key" doc:"Its secret access key."`
	AzureAccountKey Secret `koanf:"azure_account_key" doc:"Account key for azblob places. Empty, as it should be in production: the identity of the machine, or of AZURE_… variables, is used."`
}

// Audit is the audit log.
type Audit struct {
	Directory string `koanf:"directory" default:"/var/lib/senddigitally/audit" validate:"required" doc:"Directory of the audit log. When it cannot be written, nothing happens."`
}

// Scanning is the check for malware.
type Scanning struct {
	Clamd   string   `koanf:"clamd" example:"/run/clamav/clamd.ctl" doc:"ClamAV's daemon: host:port, or the path of its socket. What is sent and what comes back then waits until its files were checked, and goes on waiting while the daemon is down. Set StreamMaxLength, MaxScanSize and MaxFileSize there to the largest file allowed here, at most 2 GB, and AlertExceedsMax yes; its temporary directory must be in memory. Empty: no check, as in the trial."`
	Largest Size     `koanf:"largest" default:"2 GB" validate:"gt=0" doc:"Larger files are not given to the daemon: its StreamMaxLength. What it finds too large itself counts the same."`
	Large   string   `koanf:"large" default:"hold" validate:"oneof=hold pass" doc:"What happens to a file too large to be checked: hold keeps it back for good, pass gives it out with a mark that it was not checked."`
	Again   Duration `koanf:"again" default:"1d" doc:"How often what can still be fetched is checked again, as far as the daemon has newer signatures. 0s: never, except daily what is held back."`
}

// Work is background work.
type Work struct {
	SweepEvery    Duration `koanf:"sweep_every" default:"1m" validate:"gt=0" doc:"How often expired content is erased."`
	ShutdownGrace Duration `koanf:"shutdown_grace" default:"30s" validate:"gt=0" doc:"How long running requests may take to finish when the process is told to stop."`
}

// Log is the process's log.
type Log struct {
	Level  string `koanf:"level" default:"info" validate:"oneof=debug info warn error" doc:"debug, info, warn or error."`
	Format string `koanf:"format" default:"json" validate:"oneof=json text" doc:"json or text."`
}

// Addin is the add-in as Outlook gets it.
type Addin struct {
	ID       string            `koanf:"id" example:"6f2c1d0e-5a4b-4c3d-9e8f-7a6b5c4d3e2f" validate:"required,uuid" doc:"GUID of the add-in. Make one of your own once, for example with uuidgen, and keep it."`
	Version  string            `koanf:"version" default:"1.0.0" validate:"required,max=23" doc:"Version in the manifest. Outlook updates when it grows."`
	Provider string            `koanf:"provider" example:"Municipality" validate:"required,max=125" doc:"Who provides the add-in, as Outlook shows it."`
	Support  string            `koanf:"support_url" example:"https://www.municipality.example/help" validate:"omitempty,http_url" doc:"Help page for staff."`
	Names    map[string]string `koanf:"names" example:"{da-DK: Send Digitalt}" validate:"dive,keys,bcp47_language_tag,endkeys,required,max=125" doc:"Other names for the add-in and its button, by locale."`
	OfficeJS string            `koanf:"office_js_url" default:"https://appsforoffice.microsoft.com/lib/1/hosted/office.js" validate:"required,http_url" doc:"Where Office.js comes from. Only the trial has a reason to change it."`
}
