// What `docker compose config` does, by the library behind it: reads a compose file for each profile, with the
// environment's values, checks it against the specification and in itself, and prints the services of each profile.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
)

func services(file, profile string) ([]string, error) {
	options, err := cli.NewProjectOptions([]string{file}, cli.WithOsEnv, cli.WithProfiles([]string{profile}))
	if err != nil {
		return nil, err
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		return nil, err
	}
	return project.ServiceNames(), nil
}

func main() {
	for _, profile := range os.Args[2:] {
		names, err := services(os.Args[1], profile)
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s, profile %s: %v\n", os.Args[1], profile, err)
			os.Exit(1)
		}
		fmt.Println(profile, strings.Join(names, " "))
	}
}
