package main

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/register"
	"github.com/gnomon-proxy/gnomon/rules"
)

func newUseCaseCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "usecase",
		Short: "What services are used for: each use case of a service is a row of the register",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newUseCaseAddCommand(), newUseCaseListCommand(), newUseCaseRetireCommand())
	return cmd
}

func newUseCaseAddCommand() *cobra.Command {
	var u register.UseCase
	cmd := &cobra.Command{
		Use:   "add NAME --service SERVICE...",
		Short: "Add a use case, or change the one of that id",
		Example: `  gnomon inventory usecase add "Support answers" --service openai-api --department support
  gnomon inventory usecase add "Answers of the help desk" --id support-answers --service openai-api,claude`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withInventory(cmd, func(ctx context.Context, inv *inventory.Inventory, _ *rules.Set) error {
				v := u
				v.Name, v.Services = strings.TrimSpace(args[0]), nil
				if v.ID == "" {
					v.ID = register.Slug(v.Name)
				}
				for _, name := range u.Services {
					id, err := inv.Resolve(ctx, name)
					if err != nil {
						return err
					}
					if !slices.Contains(v.Services, id) {
						v.Services = append(v.Services, id)
					}
				}
				if err := v.Check(); err != nil {
					return err
				}
				_, err := inv.Write(ctx, operator(), func(b *inventory.Book) ([]inventory.Note, error) {
					old, ok, err := inventory.Newest[register.UseCase](b, inventory.TopicUseCase, v.ID)
					if err != nil || ok && reflect.DeepEqual(old, v) {
						return nil, err
					}
					return []inventory.Note{{Topic: inventory.TopicUseCase, Subject: v.ID, Data: v}}, nil
				})
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %s, of %s\n", v.ID, printable(v.Name), strings.Join(v.Services, ", "))
				return err
			})
		},
	}
	cmd.Flags().StringVar(&u.ID, "id", "", "id (default: made of the name)")
	cmd.Flags().StringVar(&u.Description, "description", "", "what is done with which data for what purpose")
	cmd.Flags().StringSliceVar(&u.Services, "service", nil, "services, by name or id")
	cmd.Flags().StringSliceVar(&u.Departments, "department", nil, "departments whose use of the services this is")
	return cmd
}

func newUseCaseListCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List use cases",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withInventory(cmd, func(_ context.Context, inv *inventory.Inventory, _ *rules.Set) error {
				list, err := register.UseCases(inv.Book())
				if err != nil {
					return err
				}
				if asJSON {
					return jsonLines(cmd.OutOrStdout(), list)
				}
				return printUseCases(cmd.OutOrStdout(), list)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return cmd
}

func printUseCases(w io.Writer, list []register.UseCase) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(w, "No use case is on record: add one with `gnomon inventory usecase add`.")
		return err
	}
	t := newColumns(w)
	fmt.Fprintln(t, "ID\tNAME\tSERVICES\tDEPARTMENTS\tSTATE")
	for _, u := range list {
		state := "in force"
		if u.Retired {
			state = "retired"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", u.ID, printable(u.Name), strings.Join(u.Services, ", "), orDash(strings.Join(u.Departments, ", ")), state)
	}
	return t.Flush()
}

func newUseCaseRetireCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "retire ID",
		Short: "Retire a use case: its rows leave the register, its history stays",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withInventory(cmd, func(ctx context.Context, inv *inventory.Inventory, _ *rules.Set) error {
				_, err := inv.Write(ctx, operator(), func(b *inventory.Book) ([]inventory.Note, error) {
					u, ok, err := inventory.Newest[register.UseCase](b, inventory.TopicUseCase, args[0])
					if err != nil {
						return nil, err
					}
					if !ok {
						return nil, unknownUseCase(b, args[0])
					}
					u.Retired = true
					return []inventory.Note{{Topic: inventory.TopicUseCase, Subject: args[0], Data: u}}, nil
				})
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is retired\n", args[0])
				return err
			})
		},
	}
}

func unknownUseCase(b *inventory.Book, id string) error {
	var ids []string
	for known := range b.Subjects(inventory.TopicUseCase) {
		ids = append(ids, known)
	}
	return fmt.Errorf("no use case %q is known%s", printable(id), didYouMean(inventory.Near(ids, id)))
}

func didYouMean(near []string) string {
	if len(near) == 0 {
		return ""
	}
	return ": did you mean " + strings.Join(near, ", ") + "?"
}
