//! The technician's panels as pictures (see `picture`), in either language.

use std::path::PathBuf;

use super::common::finish_jobs;
use super::gis::{settle, with_files, with_sheet, with_table};
use super::picture::save;
use super::*;
use island_twin::session::ask::desk::AskCommand;
use island_twin::session::ask::form::Question;

#[test]
#[ignore = "pictures to be looked at; ISLAND_TWIN_PICTURES says where"]
fn pictures_of_the_technicians_panels() {
    let Some(folder) = std::env::var_os("ISLAND_TWIN_PICTURES").map(PathBuf::from) else { return };
    for (language, code) in [(Language::Vi, "vi"), (Language::En, "en")] {
        let start = |mut session: Session| {
            session.perform(Command::SetLanguage(language));
            finish_jobs(&mut session);
            open(session)
        };
        let say = |vi: &'static str, en: &'static str| if code == "vi" { vi } else { en };
        let keep =
            |harness: &Harness<'static, App>, name: &str| save(harness, &folder.join(format!("{name}-{code}.ppm")));

        let mut wizard = start(with_files(&["lost-sheet.shp", "sheet.shp", "broken.shp"]));
        keep(&wizard, "wizard-place");
        wizard
            .state_mut()
            .session
            .perform(Command::Importing(island_twin::session::import::desk::ImportCommand::Activate(1)));
        click(&mut wizard, say("Bảng mã chữ", "Text"));
        keep(&wizard, "wizard-letters");
        click(&mut wizard, say("Trường", "Fields"));
        keep(&wizard, "wizard-fields");
        keep(&start(with_sheet()), "report");
        keep(&start(with_table()), "table");

        let mut style = start(session());
        click(&mut style, say("Chi tiết lớp Thửa đất", "Details of layer parcels"));
        click(&mut style, say("Kiểu hiển thị", "Style"));
        keep(&style, "style");
        click(&mut style, say("Theo khoảng", "By number"));
        keep(&style, "style-ranges");
        click(&mut style, say("Bảng thuộc tính", "Attribute table"));
        settle(&mut style);
        click(&mut style, say("Xuất lớp…", "Export the layer…"));
        keep(&style, "export");

        for (question, name) in
            [(Question::Within, "within"), (Question::Shares, "shares"), (Question::Nearest, "nearest")]
        {
            let mut ask = session();
            ask.perform(Command::Ask(AskCommand::SetOpen(true)));
            ask.perform(Command::Ask(AskCommand::Turn(question)));
            ask.perform(Command::Select(Some(click_on_parcel(2))));
            let mut harness = start(ask);
            let go = format!("{}  {}", egui_phosphor::regular::PLAY, say("Tìm", "Ask"));
            if harness.query_by_label(&go).is_some() {
                click(&mut harness, &go);
                settle(&mut harness);
            }
            keep(&harness, &format!("ask-{name}"));
        }

        let mut server = start(session());
        click(&mut server, say("Tệp", "File"));
        keep(&server, "menu");
        let label = say("Nhập từ máy chủ…", "Import from a server…");
        server.query_all_by_label_contains(label).next().unwrap().click();
        server.run_steps(4);
        keep(&server, "server");
    }
}
