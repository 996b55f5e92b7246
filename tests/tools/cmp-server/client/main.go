// Command client asks a config-management server for an application's manifests as Argo CD's
// repo-server does: client SOCKET REPOSITORY APPLICATION [NAME=VALUE...]. It prints one manifest a
// line, and the server's error text where there is one.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
	"github.com/argoproj/argo-cd/v3/util/cmp"
	"google.golang.org/grpc/status"
)

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3], os.Args[4:]); err != nil {
		fmt.Fprintln(os.Stderr, status.Convert(err).Message())
		os.Exit(1)
	}
}

func run(socket, repository, application string, environment []string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	connection, client, err := apiclient.NewConfigManagementPluginClientSet(socket).NewConfigManagementPluginClient()
	if err != nil {
		return err
	}
	defer connection.Close()
	stream, err := client.GenerateManifest(ctx)
	if err != nil {
		return err
	}
	folder := filepath.Join(repository, application)
	if err := cmp.SendRepoStream(ctx, folder, repository, stream, environment, nil); err != nil {
		return err
	}
	response, err := stream.CloseAndRecv()
	if err != nil {
		return err
	}
	for _, manifest := range response.Manifests {
		fmt.Println(manifest)
	}
	return nil
}
