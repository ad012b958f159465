package backup

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// exporterPlan says what the exporter reads. The charts write it.
type exporterPlan struct {
	Units  []string `json:"units"`
	Kinds  []string `json:"kinds"`
	Listen string   `json:"listen"`
	MySQL  *MySQL   `json:"mysql"`
}

var (
	lastSuccess = prometheus.NewDesc("cloudnova_backup_last_success_timestamp_seconds", "When the last one that succeeded ended; 0: none did.", []string{"unit", "kind"}, nil)
	lastRun     = prometheus.NewDesc("cloudnova_backup_last_run_timestamp_seconds", "When the last one ended; 0: none did.", []string{"unit", "kind"}, nil)
	lastResult  = prometheus.NewDesc("cloudnova_backup_last_run_success", "Whether the last one that ended succeeded.", []string{"unit", "kind"}, nil)
	lastSeconds = prometheus.NewDesc("cloudnova_backup_duration_seconds", "How long the last one that ended took.", []string{"unit", "kind"}, nil)
	lastBytes   = prometheus.NewDesc("cloudnova_backup_size_bytes", "Size of the last backup that succeeded.", []string{"unit"}, nil)
	lastLacks   = prometheus.NewDesc("cloudnova_backup_incomplete", "Whether the last backup that succeeded lacks what could not be read of the monitoring.", []string{"unit"}, nil)
	exporterUp  = prometheus.NewDesc("cloudnova_backup_up", "Whether the results could be read.", nil, nil)
)

// exporter is a collector of the results in MySQL.
type exporter struct {
	plan   exporterPlan
	server *server
	log    io.Writer
	mutex  sync.Mutex
	told   string // the last error that was printed
}

func (e *exporter) Describe(to chan<- *prometheus.Desc) {
	for _, each := range []*prometheus.Desc{lastSuccess, lastRun, lastResult, lastSeconds, lastBytes, lastLacks, exporterUp} {
		to <- each
	}
}

// scrapeTimeout is shorter than Prometheus' own.
const scrapeTimeout = 5 * time.Second

func (e *exporter) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	e.mutex.Lock()
	defer e.mutex.Unlock()
	metrics, err := e.read(ctx)
	up := 1.0
	if err != nil {
		up, metrics = 0, nil
		if e.told != err.Error() {
			fmt.Fprintf(e.log, "the results cannot be read: %s\n", err)
		}
		e.told = err.Error()
	} else {
		e.told = ""
	}
	to <- prometheus.MustNewConstMetric(exporterUp, prometheus.GaugeValue, up)
	for _, metric := range metrics {
		to <- metric
	}
}

// read asks MySQL. A password that was changed is read again with a new connection.
func (e *exporter) read(ctx context.Context) (all []prometheus.Metric, err error) {
	if e.server == nil {
		reading := &Plan{MySQL: e.plan.MySQL, WaitSeconds: 1}
		if e.server, err = reading.connect(ctx, io.Discard); err != nil {
			return nil, err
		}
	}
	defer func() {
		if err != nil {
			e.server.Close()
			e.server = nil
		}
	}()
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		all = append(all, prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...))
	}
	for _, unit := range e.plan.Units {
		table := quoted(resultsDatabase) + "." + quoted(unit)
		for _, kind := range e.plan.Kinds {
			var success, ended, seconds, lacks float64
			var bytes sql.NullFloat64
			var ok bool
			err := e.server.QueryRowContext(ctx, "SELECT COALESCE(MAX(UNIX_TIMESTAMP(ended)), 0) FROM "+table+" WHERE kind = ? AND ok", kind).Scan(&success)
			if err != nil {
				return nil, err
			}
			err = e.server.QueryRowContext(ctx, "SELECT UNIX_TIMESTAMP(ended), seconds, ok FROM "+table+" WHERE kind = ? AND ok IS NOT NULL ORDER BY ended DESC, id DESC LIMIT 1", kind).
				Scan(&ended, &seconds, &ok)
			exists := !errors.Is(err, sql.ErrNoRows)
			if err != nil && exists {
				return nil, err
			}
			gauge(lastSuccess, success, unit, kind)
			gauge(lastRun, ended, unit, kind)
			if !exists {
				continue
			}
			result := 0.0
			if ok {
				result = 1
			}
			gauge(lastResult, result, unit, kind)
			gauge(lastSeconds, seconds, unit, kind)
			if kind == "backup" && success > 0 {
				err := e.server.QueryRowContext(ctx, "SELECT bytes, message LIKE ? FROM "+table+" WHERE kind = ? AND ok ORDER BY ended DESC, id DESC LIMIT 1", "%"+leftOut+"%", kind).Scan(&bytes, &lacks)
				if err != nil {
					return nil, err
				}
				gauge(lastBytes, bytes.Float64, unit)
				gauge(lastLacks, lacks, unit)
			}
		}
	}
	return all, nil
}

// serve answers scrapes until it is told to end, also while MySQL is away.
func serve(ctx context.Context, path string, log io.Writer) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("the plan cannot be read: %w", err)
	}
	collector := &exporter{log: log}
	if err := json.Unmarshal(text, &collector.plan); err != nil {
		return fmt.Errorf("the plan %s is not valid: %w", path, err)
	}
	if collector.plan.MySQL == nil || collector.plan.Listen == "" {
		return fmt.Errorf("the plan %s is not valid: it needs mysql and listen", path)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collector)
	metrics := promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: 2})
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics)
	mux.HandleFunc("GET /{$}", func(answer http.ResponseWriter, _ *http.Request) { fmt.Fprintln(answer, "/metrics") })
	listener, err := net.Listen("tcp", collector.plan.Listen)
	if err != nil {
		return fmt.Errorf("the exporter cannot listen: %w", err)
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute}
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
