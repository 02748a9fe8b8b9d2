//! What the worker takes away from itself before it opens a file.

use rustix::process::{Resource, Rlimit, Signal, setrlimit};
use rustix::thread::UnshareFlags;

use super::wire::Request;
use crate::io::gdal_setup;

/// Call before any thread is started: a process with threads cannot leave its user namespace.
pub(super) fn enter(request: &Request) {
    let warn = |what: &str, done: rustix::io::Result<()>| {
        if let Err(error) = done {
            tracing::warn!("import worker: {what} not possible ({error}); the other measures hold");
        }
    };
    let remote = request.sources.iter().find_map(|source| source.remote.as_ref());
    if remote.is_none() {
        // A user namespace of its own lets an ordinary user have a network of its own: one without any door.
        #[expect(deprecated, reason = "the replacement is unsafe for FILES only, which is not asked for")]
        let unshared = rustix::thread::unshare(UnshareFlags::NEWUSER | UnshareFlags::NEWNET);
        warn("network isolation", unshared);
    }
    warn("end with the parent", rustix::process::set_parent_process_death_signal(Some(Signal::KILL)));
    warn("no new privileges", rustix::thread::set_no_new_privs(true));
    let limits = [
        (Resource::As, request.memory_bytes),
        (Resource::Cpu, request.cpu_seconds),
        (Resource::Fsize, request.file_bytes),
        (Resource::Core, 0),
    ];
    for (resource, limit) in limits {
        // A little more for the hard limit: at the soft one the process ends with a signal that tells which.
        let limit = Rlimit { current: Some(limit), maximum: Some(limit + 1) };
        warn("a resource limit", setrlimit(resource, limit));
    }
    match remote {
        Some(remote) => gdal_setup::keep_drivers(remote.drivers()),
        None => gdal_setup::keep_allowed_drivers(),
    }
}
