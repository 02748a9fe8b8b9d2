fn main() -> std::io::Result<()> {
    match std::env::args().nth(1).as_deref() {
        Some("import-worker") => island_twin::cli::import_worker::run(),
        _ => Ok(()),
    }
}
