package backup

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

const (
	resultsDatabase = "cloudnova_backups"
	// resultDays is how long results stay.
	resultDays = 90
	// noSuchTable is MySQL's error ER_NO_SUCH_TABLE.
	noSuchTable = 1146
	// messageLength is what the table's column takes, in characters.
	messageLength = 1000
)

// result is a row of a unit's results while the work is under way.
type result struct {
	server *server
	table  string
	id     int64
	name   string
	begun  time.Time
	// unwritten says why there is no row. The work is done all the same: a backup without a row is better than none.
	unwritten error
}

func (plan *Plan) resultsTable() string { return quoted(resultsDatabase) + "." + quoted(plan.Unit) }

// begin writes a row of a kind: backup, check, offsite or restore. Without a server nothing is written.
func (plan *Plan) begin(ctx context.Context, server *server, kind, name string) *result {
	row := &result{server: server, table: plan.resultsTable(), name: name, begun: time.Now()}
	if server == nil {
		return row
	}
	inserted, err := server.ExecContext(ctx, "INSERT INTO "+row.table+" (kind, name, started) VALUES (?, ?, UTC_TIMESTAMP())", kind, name)
	if err == nil {
		row.id, err = inserted.LastInsertId()
	}
	if err != nil {
		row.unwritten = fmt.Errorf("the result of the %s cannot be written to %s, so alerts will not know of it: %w", kind, row.table, err)
		if numbered(err, noSuchTable) {
			row.unwritten = fmt.Errorf("%w; MySQL makes this table when it starts with CloudNova's settings", row.unwritten)
		}
		row.server = nil
	}
	return row
}

// end completes the row by the error, if any, and returns that. It also writes when the command was told to stop.
func (row *result) end(bytes int64, notes string, failure error) error {
	message := notes
	if failure != nil {
		message = failure.Error()
	}
	if row.server == nil {
		return errors.Join(failure, row.unwritten)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, err := row.server.ExecContext(ctx, "UPDATE "+row.table+" SET name = ?, ended = UTC_TIMESTAMP(), bytes = ?, seconds = ?, ok = ?, message = ? WHERE id = ?",
		row.name, bytes, time.Since(row.begun).Seconds(), failure == nil, cut(message, messageLength), row.id)
	if err != nil {
		err = fmt.Errorf("the result could not be written: %w", err)
	}
	return errors.Join(failure, err)
}

// settle ends rows of commands that were killed, and deletes old ones. The caller has the lock, so none is under way.
func (plan *Plan) settle(ctx context.Context, server *server) {
	if server == nil {
		return
	}
	for _, statement := range []string{
		"UPDATE " + plan.resultsTable() + " SET ended = UTC_TIMESTAMP(), ok = FALSE, message = 'it was interrupted' WHERE ok IS NULL",
		fmt.Sprintf("DELETE FROM %s WHERE started < UTC_TIMESTAMP() - INTERVAL %d DAY", plan.resultsTable(), resultDays),
	} {
		if _, err := server.ExecContext(ctx, statement); err != nil {
			fmt.Fprintf(server.log, "the results of earlier commands cannot be changed: %s\n", err)
		}
	}
}

// cut shortens a text to a number of characters.
func cut(text string, length int) string {
	if utf8.RuneCountInString(text) <= length {
		return text
	}
	return string([]rune(text)[:length-1]) + "…"
}
