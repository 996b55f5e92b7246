package main

import (
	"encoding/json"
	"errors"
	"io"
	"strings"

	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/kustomize/kyaml/kio"
	goyaml "sigs.k8s.io/yaml/goyaml.v3"
)

func stream(text string) ([]any, error) {
	documents := []any{}
	decoder := goyaml.NewDecoder(strings.NewReader(text))
	for {
		var node goyaml.Node
		if err := decoder.Decode(&node); err != nil {
			if errors.Is(err, io.EOF) {
				return documents, nil
			}
			return nil, err
		}
		documents = append(documents, tree(&node))
	}
}

// kyaml reads as kustomize and kpt do, but that lists stay whole and aliases stay aliases.
func kyaml(text string) ([]any, error) {
	documents := []any{}
	reader := kio.ByteReader{
		Reader:                strings.NewReader(text),
		OmitReaderAnnotations: true,
		DisableUnwrapping:     true,
	}
	nodes, err := reader.Read()
	if err != nil {
		return nil, err
	}
	for _, node := range nodes {
		documents = append(documents, tree(node.YNode()))
	}
	return documents, nil
}

func kubectl(text string) ([]any, error) {
	// As far as kubectl looks for a brace.
	const ahead = 4096
	documents := []any{}
	decoder := yaml.NewYAMLOrJSONDecoder(strings.NewReader(text), ahead)
	for {
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			if errors.Is(err, io.EOF) {
				return documents, nil
			}
			return nil, err
		}
		if len(value) > 0 && string(value) != "null" {
			documents = append(documents, value)
		}
	}
}
