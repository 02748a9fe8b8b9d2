#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| island_twin::io::untrusted::dgn(bytes));
