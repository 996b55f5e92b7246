// Command server is Argo CD's config-management server, built by itself out of Argo CD's module:
// the whole of Argo CD, whose binary takes this part by its own name, would take far longer.
package main

import (
	"os"

	"github.com/argoproj/argo-cd/v3/cmd/argocd-cmp-server/commands"
)

func main() {
	if commands.NewCommand().Execute() != nil {
		os.Exit(1)
	}
}
