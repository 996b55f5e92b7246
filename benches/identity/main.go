// A KRM function that changes nothing, on the framework that kustomize and most functions in Go
// are built on: what reading and writing a ResourceList costs before any work is done. With -json
// it writes its input, one YAML document, as JSON instead, which is how the benchmarks get theirs.
package main

import (
	"fmt"
	"io"
	"os"

	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/yaml"
)

func main() {
	work := identity
	if len(os.Args) > 1 && os.Args[1] == "-json" {
		work = toJSON
	}
	if err := work(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func identity() error {
	unchanged := framework.ResourceListProcessorFunc(func(*framework.ResourceList) error { return nil })
	return framework.Execute(unchanged, &kio.ByteReadWriter{KeepReaderAnnotations: true})
}

func toJSON() error {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	converted, err := yaml.YAMLToJSON(text)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(converted)
	return err
}
