package transfer

import (
	"sort"
	"time"
)

// JobKind names a background job.
type JobKind string

// The kinds of jobs. Each is idempotent: it reads the dossier, sees what is
// outstanding, and does only that.
const (
	NotifyJob   JobKind = "notify"   // mail a recipient her link
	DeliverJob  JobKind = "deliver"  // decide about a reply and bring it to its function mailbox
	ClassifyJob JobKind = "classify" // give a delivered reply its category and folder
	EscalateJob JobKind = "escalate" // hand a reply back whose files nobody fetches
	ReceiptJob  JobKind = "receipt"  // mail the replier her receipt, or that something is held back
	AssignJob   JobKind = "assign"   // tell a caseworker that a reply is hers to deal with
	AlertJob    JobKind = "alert"    // tell the sender what happened at a recipient
)

// JobVersion is the version of jobs written now; a worker leaves jobs of a
// newer version to a newer replica.
const JobVersion = 1

// Job is one external effect to carry out, at least once.
type Job struct {
	Version   int         `json:"v"`
	Kind      JobKind     `json:"kind"`
	Tenant    TenantID    `json:"tenant"`
	ID        ID          `json:"id"`
	Recipient RecipientID `json:"recipient,omitempty"`
	Note      string      `json:"note,omitempty"` // what it is about, where that is not the usual
	NotBefore time.Time   `json:"notBefore,omitzero"`
}

// Key identifies the job: two jobs with one key are the same work.
func (j Job) Key() string {
	return string(j.Kind) + "/" + string(j.ID) + "/" + string(j.Recipient) + "/" + j.Note
}

// Leased is a job that one worker has claimed for a while.
type Leased struct {
	Job      Job
	Attempt  int    // 1 at the first claim
	Deferred int    // how often in a row the same reason kept it from being tried
	Token    string // of the lease, for the queue
}

// Outstanding lists the jobs that a dossier still calls for: what was never
// intended, or intended and not concluded. What has an outcome never happens
// again.
func (d *Dossier) Outstanding(now time.Time) []Job {
	return append(d.due(now), d.courtesies(now)...)
}

// due is what the transfer or reply is for.
func (d *Dossier) due(now time.Time) []Job {
	switch phase := d.State.PhaseAt(d.Manifest.Kind, now); {
	case phase == Revoked || phase == OverExpiry:
		return nil
	case d.InQuarantine():
		return d.checks()
	default:
		return append(d.checks(), d.dueIn(phase)...)
	}
}

// dueIn is what a phase calls for.
func (d *Dossier) dueIn(phase Phase) []Job {
	switch phase {
	case Live:
		return d.notifications()
	case Undelivered:
		deliver := d.job(DeliverJob, "")
		deliver.NotBefore = d.State.Hold
		return []Job{deliver}
	case Delivered:
		var jobs []Job
		if d.State.Effects[ClassifyEffect(d.State.Decisions)].Outcome == "" {
			jobs = append(jobs, d.job(ClassifyJob, ""))
		}
		if a := d.State.Assignment; a.To.Address != "" && d.State.Effects[AssignEffect(a.N)].Outcome == "" {
			jobs = append(jobs, d.job(AssignJob, ""))
		}
		if d.State.Fetching() {
			escalate := d.job(EscalateJob, "")
			escalate.NotBefore = d.State.Delivered.Add(FetchTime)
			jobs = append(jobs, escalate)
		}
		return jobs
	}
	return nil
}

// FetchTime is how long a mailbox has to fetch a reply that was delivered as a
// link, before the distributor hears of it.
const FetchTime = 7 * 24 * time.Hour

func (d *Dossier) notifications() []Job {
	var jobs []Job
	for id := range d.State.Recipients {
		if d.State.unnotified(id) {
			jobs = append(jobs, d.job(NotifyJob, id))
		}
	}
	sort.Slice(jobs, func(i, k int) bool { return jobs[i].Recipient < jobs[k].Recipient })
	return jobs
}

func (d *Dossier) job(kind JobKind, r RecipientID) Job {
	return Job{Version: JobVersion, Kind: kind, Tenant: d.Manifest.Tenant, ID: d.Manifest.ID, Recipient: r}
}
