// Command engine runs Gnomon's sniffer over a capture without a classifier, an
// inventory or anything to print: what `gnomon sniff` costs beyond it is spent
// on those. It prints how often it allocated.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"runtime"
	"runtime/pprof"

	"github.com/gnomon-proxy/gnomon/sniffer"
	"github.com/gnomon-proxy/gnomon/sniffer/capture"
)

func main() {
	profile := flag.String("cpuprofile", "", "write a profile to this file")
	flag.Parse()
	if err := run(flag.Arg(0), *profile); err != nil {
		log.Fatal(err)
	}
}

func run(name, profile string) error {
	src, err := capture.Open(name)
	if err != nil {
		return err
	}
	defer src.Close()
	if profile != "" {
		f, err := os.Create(profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	names := map[sniffer.Kind]int{}
	s := sniffer.New(sniffer.Config{}, sniffer.Sink{Observation: func(o *sniffer.Observation) { names[o.Kind]++ }})
	if err := s.Run(context.Background(), src); err != nil {
		return err
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Printf("{\"mallocs\":%d,\"heap_mb\":%d,\"kinds\":%q}\n", m.Mallocs, m.HeapSys>>20, fmt.Sprint(names))
	return nil
}
