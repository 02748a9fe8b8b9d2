//! The air panel: sources that are clicked and drawn, what it tells, and that it fits.

use std::sync::Arc;

use egui_kittest::kittest::Queryable;
use island_twin::session::Session;
use island_twin::session::air::AirCommand;
use island_twin::session::air_sources::SourceKind;
use island_twin::session::command::Command;
use island_twin::session::settings::SettingsStore;
use island_twin::session::view_state::Tool;
use island_twin::text::Language;

use super::common::town::shore;
use super::common::{FakeIo, ORIGIN, finish_jobs};
use super::{click, nothing_sticks_out, open};

#[test]
fn stacks_lines_and_areas_are_set_and_told_in_both_languages() {
    for (language, draw, area, third, run) in [
        (Language::En, "Draw a line or an area", "area", "Area 3", "Run the simulation"),
        (Language::Vi, "Vẽ nguồn đường hoặc vùng", "vùng", "Vùng 3", "Chạy mô phỏng"),
    ] {
        let mut session = Session::new(Arc::new(FakeIo), SettingsStore::in_memory());
        session.install(shore(), None);
        session.perform(Command::SetLanguage(language));
        session.perform(Command::Air(AirCommand::SetOpen(true)));
        let mut harness = open(session);
        let put = |harness: &mut egui_kittest::Harness<'static, super::App>, x: f64, y: f64| {
            let session = &mut harness.state_mut().session;
            let [east, north] = session.project().unwrap().frame.site_from_crs([ORIGIN[0] + x, ORIGIN[1] + y]);
            session.perform(Command::ToolClick([east, north, 0.0]));
            harness.run_steps(3);
        };
        put(&mut harness, 0.0, 0.0);
        harness.get_by_label_contains(draw).click();
        harness.run_steps(4);
        assert_eq!(harness.state().session.view.tool, Tool::AirLine);
        // A line, then, begun anew, three points that become an area.
        for x in [100.0, 200.0] {
            put(&mut harness, x, 0.0);
        }
        harness.state_mut().session.perform(Command::SetTool(Tool::AirLine));
        for (x, y) in [(0.0, 100.0), (100.0, 100.0), (100.0, 200.0)] {
            put(&mut harness, x, y);
        }
        click(&mut harness, area);
        let kinds: Vec<_> = harness.state().session.air().form.placed.iter().map(|p| p.kind()).collect();
        assert_eq!(kinds, [SourceKind::Stack, SourceKind::Line, SourceKind::Area]);
        assert!(harness.query_by_label(third).is_some());
        // Below the three sources it may have scrolled out of sight.
        harness.get_by_label(run).click_accesskit();
        harness.run_steps(4);
        finish_jobs(&mut harness.state_mut().session);
        harness.run_steps(4);
        let outcome = harness.state().session.air().outcome.as_ref().expect("a result");
        assert!(outcome.case.sources.len() >= 3);
        nothing_sticks_out(&harness, language);
    }
}
