// go-yaml says what the readers of Kubernetes' tools make of texts, so that the tests can hold ours
// against them.
//
// Standard input is a stream of texts, each behind its length in bytes as four bytes, the highest
// first; standard output has one line of JSON for each.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// view is what one reader gives: its documents, or why it refuses the text.
type view struct {
	Documents []any  `json:"documents"`
	Error     string `json:"error,omitempty"`
}

// answer is what all of them give.
type answer struct {
	// Stream is go-yaml's decoder over the whole text, document after document.
	Stream view `json:"stream"`
	// Kyaml is the reader of kustomize and kpt, which splits the text before it decodes.
	Kyaml view `json:"kyaml"`
	// Kubectl is the decoder of kubectl and of Argo CD, as JSON values: merge keys are applied.
	Kubectl view `json:"kubectl"`
}

// attempt turns a panic of a reader into an error: a tool would end there, too.
func attempt(read func(string) ([]any, error), text string) (result view) {
	defer func() {
		if what := recover(); what != nil {
			result = view{Error: fmt.Sprintf("panic: %v", what)}
		}
	}()
	documents, err := read(text)
	if err != nil {
		return view{Error: err.Error()}
	}
	return view{Documents: documents}
}

func serve(in *bufio.Reader, out *bufio.Writer) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for {
		var length uint32
		if err := binary.Read(in, binary.BigEndian, &length); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		text := make([]byte, length)
		if _, err := io.ReadFull(in, text); err != nil {
			return err
		}
		given := answer{
			Stream:  attempt(stream, string(text)),
			Kyaml:   attempt(kyaml, string(text)),
			Kubectl: attempt(kubectl, string(text)),
		}
		if err := encoder.Encode(given); err != nil {
			return err
		}
		// The other side waits for each answer.
		if err := out.Flush(); err != nil {
			return err
		}
	}
}

func main() {
	if err := serve(bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
