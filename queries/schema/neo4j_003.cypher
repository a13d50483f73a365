// Matches have three more comparisons: letter runs, timing and hours. Those of before were scored without: no bits.
// params: none
// returns: nothing

MATCH ()-[r:MATCHES]->() WHERE r.letter_runs_bits IS NULL SET r.letter_runs_bits = 0.0, r.timing_bits = 0.0, r.hours_bits = 0.0;
