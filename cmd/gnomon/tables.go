package main

import (
	"context"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/assess"
	"github.com/gnomon-proxy/gnomon/inventory/console"
	"github.com/gnomon-proxy/gnomon/inventory/controls"
	"github.com/gnomon-proxy/gnomon/inventory/declared"
	"github.com/gnomon-proxy/gnomon/inventory/export"
	"github.com/gnomon-proxy/gnomon/inventory/privacy"
	"github.com/gnomon-proxy/gnomon/inventory/register"
)

// table makes a table as the commands export it. Of the long ones the rows are
// read when it is written, until ctx ends.
func (g *gateway) table(ctx context.Context, o console.TableOrder) (*export.Table, error) {
	inv, set, k := g.inventory, g.rules(), g.settings.Privacy.group()
	for _, c := range subjectCommands() {
		if c.use == o.Table {
			departments, err := privacy.NewDepartments(ctx, k, inv.Seen())
			if err != nil {
				return nil, err
			}
			rows, left, err := c.rows(ctx, inv, departments, maxSubjects)
			if forAll(c.kind) {
				for i := range rows {
					rows[i].few = k
				}
			}
			return c.table(rows, left), err
		}
	}
	switch o.Table {
	case "services":
		rows, err := inv.Services(ctx)
		return export.Report(rows, k), err
	case "accounts":
		ids, err := register.IDs(ctx, inv)
		return accountsTable(ctx, inv, ids), err
	case "suppliers":
		rows, err := inv.Services(ctx)
		return suppliersTable(register.Suppliers(rows, set, inv.Book())), err
	case "drift":
		list, _, err := g.drift(ctx, o.Since)
		return driftTable(declared.Few(list, k.Small)), err
	case "register":
		ids, err := register.IDs(ctx, inv)
		if err != nil {
			return nil, err
		}
		r, err := newRegisterReader(ctx, inv, set, k)
		if err != nil {
			return nil, err
		}
		return r.table(ctx, ids), nil
	}
	return g.assessed(ctx, o)
}

// forAll reports whether a table of subjects is also for those who may not see
// people.
func forAll(k inventory.Kind) bool {
	switch k {
	case inventory.KindModel, inventory.KindTool, inventory.KindServer, inventory.KindAgent:
		return true
	}
	return false
}

// assessed makes the tables that rest on an assessment of risks.
func (g *gateway) assessed(ctx context.Context, o console.TableOrder) (*export.Table, error) {
	r, err := riskRegister(ctx, g.inventory, g.rules(), riskFlags{o.Period, o.Method, g.settings.Privacy.group()}, time.Now())
	if err != nil {
		return nil, asInvalid(err)
	}
	rows, err := r.Rows()
	if err != nil {
		return nil, err
	}
	switch o.Table {
	case "risks":
		return riskTable(rows), nil
	case "statement":
		s, err := g.statementOf(ctx, r, rows, o)
		if err != nil {
			return nil, asInvalid(err)
		}
		return soaTable(s), nil
	}
	return nil, &inventory.InvalidError{Problem: "there is no such table"}
}

func (g *gateway) statementOf(ctx context.Context, r *assess.Register, rows []assess.Row, o console.TableOrder) (*controls.SoA, error) {
	s, err := draftSoA(ctx, g.inventory, r, rows, o.Framework)
	if err == nil && o.Final {
		return s.Final()
	}
	return s, err
}
