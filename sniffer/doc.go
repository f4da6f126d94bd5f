// Package sniffer turns packets into observations: who asked whom for which
// name. In: capture files (pcap, pcapng, either of them gzipped); out: one
// Observation for each DNS question seen, and counts of what could not be read.
//
// A packet goes through three steps, none of which allocates: a source cuts the
// file into frames, walk strips the headers down to a UDP datagram, names reads
// the questions of a DNS message. Every byte is hostile: all loops are bounded
// by the packet, and a fault in one packet costs that packet only. gopacket's
// decoders never see captured traffic, because a port or a length field of a
// packet can make them panic, pick the wrong protocol or ask for gigabytes;
// tests use them as a second opinion.
//
// Flows makes traffic.Flows of observations, so that a lookup counts once
// whether its query, its reply or both were seen.
package sniffer
