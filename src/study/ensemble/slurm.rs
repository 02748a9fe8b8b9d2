//! The members as a job array for Slurm: two scripts, and one that hands both in.

use std::fmt::Write as _;
use std::path::Path;

use super::error::EnsembleError;
use super::spec::Spec;
use crate::io::staging::FolderStaging;

/// Slurm's own limit of an array, unless an office raised it (`MaxArraySize`, slurm.conf: 1001 by default).
const MOST_TASKS: u32 = 1000;

/// What the scripts need to know of the office's machines and of this call.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Absolute paths: the program, the spec and the folder, as the nodes see them.
    pub program: String,
    pub spec: String,
    pub folder: String,
    /// Further arguments of every member.
    pub more: Vec<String>,
    /// Tasks that run at the same time.
    pub at_once: u32,
    pub memory_mb: u32,
    /// A sentence for whoever opens a script.
    pub about: String,
}

/// Members of one task, and how many tasks that makes.
#[must_use]
pub fn tasks(members: u32) -> (u32, u32) {
    let each = members.div_ceil(MOST_TASKS).max(1);
    (each, members.div_ceil(each).max(1))
}

/// A word that the shell takes as it is.
fn word(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

impl Job {
    fn call(&self) -> String {
        let mut call = format!("{} ensemble {}", word(&self.program), word(&self.spec));
        for more in &self.more {
            let _ = write!(call, " {}", word(more));
        }
        call
    }

    fn head(&self, name: &str) -> String {
        format!("#!/bin/bash\n# {}\n#SBATCH --job-name={name}\n#SBATCH --nodes=1\n#SBATCH --ntasks=1\n", self.about)
    }

    /// Each task runs a few members, one after another; a member that is there is not run again, so that a task that was
    /// put back into the queue goes on where it was.
    #[must_use]
    pub fn members(&self, members: u32) -> String {
        let (each, tasks) = tasks(members);
        let mut text = self.head("it-members");
        let _ = write!(
            text,
            "#SBATCH --cpus-per-task=1\n#SBATCH --mem={}M\n#SBATCH --array=0-{}%{}\n#SBATCH --requeue\n\
             #SBATCH --output=logs/%A_%a.log\n\nset -euo pipefail\n\
             first=$((SLURM_ARRAY_TASK_ID * {each}))\nlast=$((first + {}))\nif ((last > {most})); then last={most}; fi\n\
             exec {} --member \"$first-$last\" --threads 1 --out {}\n",
            self.memory_mb,
            tasks - 1,
            self.at_once.clamp(1, tasks),
            each - 1,
            self.call(),
            word(&self.folder),
            most = members - 1,
        );
        text
    }

    #[must_use]
    pub fn collect(&self) -> String {
        let mut text = self.head("it-collect");
        let _ = write!(
            text,
            "#SBATCH --cpus-per-task=1\n#SBATCH --mem={}M\n#SBATCH --output=logs/collect_%j.log\n\nset -euo pipefail\n\
             exec {} --collect {}\n",
            self.memory_mb,
            self.call(),
            word(&self.folder)
        );
        text
    }

    /// The collecting job waits for the end of all members, also of those that failed: it tells which are missing.
    #[must_use]
    pub fn submit(&self) -> String {
        format!(
            "#!/bin/bash\n# {}\nset -euo pipefail\ncd \"$(dirname \"${{BASH_SOURCE[0]}}\")\"\nmkdir -p logs\n\
             members=$(sbatch --parsable members.sbatch)\n\
             sbatch --dependency=\"afterany:${{members%%;*}}\" collect.sbatch\n",
            self.about
        )
    }

    /// Writes the scripts into the folder, all or none.
    ///
    /// # Errors
    /// [`EnsembleError::Write`].
    pub fn write(&self, spec: &Spec, folder: &Path) -> Result<(), EnsembleError> {
        use std::os::unix::fs::PermissionsExt;
        let failed = |e: std::io::Error| EnsembleError::write(folder, &e);
        let staging = FolderStaging::inside(folder).map_err(failed)?;
        std::fs::write(staging.path("members.sbatch"), self.members(spec.members)).map_err(failed)?;
        std::fs::write(staging.path("collect.sbatch"), self.collect()).map_err(failed)?;
        let submit = staging.path("submit.sh");
        std::fs::write(&submit, self.submit()).map_err(failed)?;
        std::fs::set_permissions(&submit, std::fs::Permissions::from_mode(0o755)).map_err(failed)?;
        staging.commit().map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_is_in_one_task() {
        for members in [1, 2, 999, 1000, 1001, 2500, 1_000_000] {
            let (each, tasks) = tasks(members);
            assert!(tasks <= MOST_TASKS, "{members}: {tasks} tasks");
            assert!(each * (tasks - 1) < members && members <= each * tasks, "{members}: {tasks} of {each}");
        }
    }

    #[test]
    fn odd_names_stay_one_word() {
        let job = Job {
            program: "/opt/it".into(),
            spec: "/nhà/Đức's $HOME/a b.ron".into(),
            folder: "/ra ngoài".into(),
            more: vec!["--norms".into(), "/x y".into()],
            at_once: 500,
            memory_mb: 900,
            about: "…".into(),
        };
        let text = job.members(30);
        assert!(text.contains("#SBATCH --array=0-29%30\n"), "{text}");
        assert!(text.contains(r"exec '/opt/it' ensemble '/nhà/Đức'\''s $HOME/a b.ron' '--norms' '/x y' --member"));
        assert!(job.members(5000).contains("#SBATCH --array=0-999%500\n"));
        assert!(job.collect().contains("--collect '/ra ngoài'\n"));
        // The shell itself is asked.
        let said = std::process::Command::new("sh").arg("-c").arg(format!("printf %s {}", word(&job.spec))).output();
        assert_eq!(String::from_utf8(said.unwrap().stdout).unwrap(), job.spec);
    }
}
