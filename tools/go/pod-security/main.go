// Judges every pod (template) of the given manifest files by the Pod Security Standards, with the
// library that the API server's own admission plugin uses. Prints one JSON line for each pod:
// {"file","kind","namespace","name","level","allowed","reasons"}; level is the strictest one that
// allows the pod. Exit status 1 means that a file could not be read, never that a pod was refused:
// which level a pod must reach is the caller's decision.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

type template struct {
	Metadata metav1.ObjectMeta `json:"metadata"`
	Spec     corev1.PodSpec    `json:"spec"`
}

// object has the places in which the built-in kinds keep a pod: itself, .template, .jobTemplate.
type object struct {
	Kind     string            `json:"kind"`
	Metadata metav1.ObjectMeta `json:"metadata"`
	Spec     json.RawMessage   `json:"spec"`
}

type holder struct {
	Template    *template `json:"template"`
	JobTemplate *struct {
		Spec holder `json:"spec"`
	} `json:"jobTemplate"`
}

type verdict struct {
	File      string   `json:"file"`
	Kind      string   `json:"kind"`
	Namespace string   `json:"namespace"`
	Name      string   `json:"name"`
	Level     string   `json:"level"`
	Reasons   []string `json:"reasons"`
}

// podOf returns the object's pod, or nil for a kind that makes none.
func podOf(o object) (*template, error) {
	switch o.Kind {
	case "Pod":
		pod := &template{Metadata: o.Metadata}
		return pod, json.Unmarshal(o.Spec, &pod.Spec)
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob", "PodTemplate":
		h := holder{}
		if err := json.Unmarshal(o.Spec, &h); err != nil {
			return nil, err
		}
		if h.JobTemplate != nil {
			return h.JobTemplate.Spec.Template, nil
		}
		return h.Template, nil
	}
	return nil, nil
}

// levelOf returns the strictest level that allows the pod, and why each stricter one refuses it.
func levelOf(evaluator policy.Evaluator, pod *template) (api.Level, []string) {
	reasons := []string{}
	for _, level := range []api.Level{api.LevelRestricted, api.LevelBaseline} {
		results := evaluator.EvaluatePod(api.LevelVersion{Level: level, Version: api.LatestVersion()}, &pod.Metadata, &pod.Spec)
		sum := policy.AggregateCheckResults(results)
		if sum.Allowed {
			return level, reasons
		}
		reasons = append(reasons, string(level)+": "+sum.ForbiddenDetail())
	}
	return api.LevelPrivileged, reasons
}

func judge(evaluator policy.Evaluator, path string, out *json.Encoder) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	decoder := yaml.NewYAMLOrJSONDecoder(file, 4096)
	for {
		o := object{}
		if err := decoder.Decode(&o); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		pod, err := podOf(o)
		if err != nil {
			return fmt.Errorf("%s: %s/%s: %w", path, strings.ToLower(o.Kind), o.Metadata.Name, err)
		}
		if pod == nil {
			continue
		}
		level, reasons := levelOf(evaluator, pod)
		if err := out.Encode(verdict{path, o.Kind, o.Metadata.Namespace, o.Metadata.Name, string(level), reasons}); err != nil {
			return err
		}
	}
}

func main() {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks())
	if err != nil {
		fmt.Fprintln(os.Stderr, "pod-security:", err)
		os.Exit(1)
	}
	out := json.NewEncoder(os.Stdout)
	for _, path := range os.Args[1:] {
		if err := judge(evaluator, path, out); err != nil {
			fmt.Fprintln(os.Stderr, "pod-security:", err)
			os.Exit(1)
		}
	}
}
