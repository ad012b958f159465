// Package secrets creates the Secrets that are absent, and renews the certificates that it made before they expire.
//
// It runs in the cluster: once for each version of its plan as a Job, and daily as a CronJob. It never overwrites a password
// or a key of age, and never touches a certificate that it did not issue. It also issues anew what an authority signed that
// is lost: those certificates would expire unnoticed.
package secrets

import (
	"encoding/json"
	"fmt"
	"os"
)

// Plan says which Secrets must exist (charts/secrets.ts writes it).
type Plan struct {
	// Labels of each Secret that is made; a Secret with this value of Mark was made here.
	Labels map[string]string `json:"labels"`
	// Passwords are the keys of each Secret that hold a random password.
	Passwords map[string][]string `json:"passwords"`
	// AgeIdentities are the Secrets that hold a private key of age.
	AgeIdentities []AgeIdentity `json:"ageIdentities"`
	// Authority is the Secret of the certificate authority.
	Authority string `json:"authority"`
	// Certificates are the servers' certificates, by Secret.
	Certificates map[string]Certificate `json:"certificates"`
	// Applications have their Secrets in namespaces of their own.
	Applications Applications `json:"applications"`
}

// Certificate of a server.
type Certificate struct {
	// Names are DNS names and addresses; the first is the subject.
	Names []string `json:"names"`
	// Days is how long it lasts.
	Days int `json:"days"`
	// Renew is the number of days before its end on which it is issued again.
	Renew int `json:"renew"`
}

// Applications are the user's.
type Applications struct {
	// Passwords is the Secret, in the own namespace, of the database accounts' passwords, for MySQL; its keys are the
	// applications' names.
	Passwords string        `json:"passwords"`
	Entries   []Application `json:"entries"`
}

// Application says what one application needs in its namespace.
type Application struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
	// Database is the Secret of its database password; empty where it has no database.
	Database  string `json:"database"`
	Generated struct {
		Secret string   `json:"secret"`
		Keys   []string `json:"keys"`
	} `json:"generated"`
}

// AgeIdentity is a Secret whose key identity holds a private key of age.
type AgeIdentity struct {
	Namespace string `json:"namespace"`
	Secret    string `json:"secret"`
}

func readPlan(file string) (Plan, error) {
	var plan Plan
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &plan)
	}
	if err != nil {
		return plan, fmt.Errorf("the plan %s cannot be read: %w", file, err)
	}
	return plan, nil
}
