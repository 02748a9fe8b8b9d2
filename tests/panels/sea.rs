//! The sea panel: what it asks, what it tells, and that it fits.

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui_kittest::kittest::Queryable;
use island_twin::session::Session;
use island_twin::session::command::Command;
use island_twin::session::sea::SeaCommand;
use island_twin::session::settings::SettingsStore;
use island_twin::text::Language;

use super::common::town::shore;
use super::common::{FakeIo, ORIGIN};
use super::{click, nothing_sticks_out, open};

#[test]
fn an_outfall_is_asked_for_and_beaches_are_told_in_both_languages() {
    for (language, run, beach) in
        [(Language::En, "Run the simulation", "Beach"), (Language::Vi, "Chạy mô phỏng", "Bãi biển")]
    {
        let mut session = Session::new(Arc::new(FakeIo), SettingsStore::in_memory());
        session.install(shore(), None);
        session.perform(Command::SetLanguage(language));
        session.perform(Command::Sea(SeaCommand::SetOpen(true)));
        let mut harness = open(session);
        harness.get_by_label(run).click_accesskit();
        harness.run_steps(3);
        assert!(harness.state().pushed.is_empty(), "there is nothing to run yet");
        let [east, north] =
            harness.state().session.project().unwrap().frame.site_from_crs([ORIGIN[0] - 600.0, ORIGIN[1]]);
        harness.state_mut().session.perform(Command::ToolClick([east, north, 0.0]));
        harness.run_steps(3);
        click(&mut harness, run);
        assert_eq!(harness.state().pushed.last(), Some(&Command::Sea(SeaCommand::Start)));
        let deadline = Instant::now() + Duration::from_secs(120);
        while harness.state().session.is_working() {
            harness.state_mut().session.poll_jobs();
            assert!(Instant::now() < deadline, "the job does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
        harness.run_steps(4);
        assert!(harness.query_by_label(beach).is_some() && harness.query_by_label("Bãi Thử").is_some());
        nothing_sticks_out(&harness, language);
    }
}
