//! The technician's panels.

use super::common::finish_jobs;
use super::*;
use island_twin::session::ask::desk::AskCommand;
use island_twin::session::checks::CheckCommand;
use island_twin::session::import::desk::ImportCommand;
use island_twin::session::styling::StyleCommand;
use island_twin::session::table::{TableCommand, TableWish};

pub(crate) fn with_files(files: &[&str]) -> Session {
    let mut session = session();
    session.perform(Command::Import(files.iter().map(Into::into).collect()));
    finish_jobs(&mut session);
    session
}

pub(crate) fn with_sheet() -> Session {
    let mut session = with_files(&["sheet.shp"]);
    session.perform(Command::Importing(ImportCommand::Accept));
    finish_jobs(&mut session);
    session
}

pub(crate) fn settle(harness: &mut Harness<'static, App>) {
    finish_jobs(&mut harness.state_mut().session);
    harness.run_steps(4);
}

/// A text on a panel, or the present choice of a list.
fn sees(harness: &Harness<'static, App>, text: &str) -> bool {
    harness.query_all_by_label_contains(text).count() + harness.query_all_by_value(text).count() > 0
}

#[test]
fn the_wizard_offers_two_places_and_imports_what_was_chosen() {
    let mut harness = open(with_files(&["lost-sheet.shp", "broken.shp"]));
    assert!(sees(&harness, "Tệp không ghi hệ tọa độ"));
    assert!(sees(&harness, "VN-2000 / TM-3 104°45'"));
    harness.query_all_by_label("Dùng hệ này").next().unwrap().click();
    harness.run_steps(4);
    let pushed = harness.state().pushed.last();
    assert!(matches!(pushed, Some(Command::Importing(ImportCommand::SetSystem { file: 0, .. }))), "{pushed:?}");
    settle(&mut harness);
    assert!(sees(&harness, "Đang dùng"));
    click(&mut harness, "Nhập 1 lớp");
    settle(&mut harness);
    assert!(sees(&harness, "Báo cáo kiểm tra") && sees(&harness, "Đỉnh trùng 1"));
}

#[test]
fn the_wizards_tabs_show_letters_fields_and_notes() {
    let mut harness = open(with_files(&["sheet.shp"]));
    click(&mut harness, "Bảng mã chữ");
    for text in ["nguyễn văn an", "nguyÔn v¨n an", "Windows-1258"] {
        assert!(sees(&harness, text), "{text}");
    }
    click(&mut harness, "Trường");
    for text in ["SHBANDO", "SOTO · Số tờ bản đồ", "cá nhân", "theo tên"] {
        assert!(sees(&harness, text), "{text}");
    }
    assert!(!sees(&harness, "nguyễn văn an"), "no names among the sample values");
    click(&mut harness, "Ghi chú");
    assert!(sees(&harness, "Đọc 5 đối tượng"));
}

#[test]
fn the_report_filters_goes_there_and_repairs() {
    let mut harness = open(with_sheet());
    click(&mut harness, "Đỉnh trùng 1");
    harness.query_all_by_label("Phóng đến chỗ lỗi").next().unwrap().click();
    harness.run_steps(4);
    assert!(matches!(harness.state().pushed.last(), Some(Command::Check(CheckCommand::GoTo(_)))));
    click(&mut harness, "Sửa 1 lỗi an toàn");
    settle(&mut harness);
    assert!(!sees(&harness, "Đỉnh trùng"));
    assert_eq!(harness.state().session.checks().current().unwrap().repaired, 1);
}

pub(crate) fn with_table() -> Session {
    let mut session = with_sheet();
    session.perform(Command::Check(CheckCommand::SetOpen(false)));
    session.perform(Command::Table(TableCommand::Open(Some(LayerId::new("sheet")))));
    finish_jobs(&mut session);
    session
}

#[test]
fn the_table_sorts_by_its_heads_and_hides_people() {
    let mut harness = open(with_table());
    assert!(sees(&harness, "5 / 5 dòng"));
    assert!(!sees(&harness, "nguyễn văn an") && !sees(&harness, "Tên chủ sử dụng"));
    click(&mut harness, "Hiện dữ liệu cá nhân");
    assert!(sees(&harness, "nguyễn văn an"));
    harness.query_all_by_label_contains("Diện tích").next().unwrap().click();
    harness.run_steps(4);
    let sorted = harness.state().pushed.iter().any(|c| {
        matches!(c, Command::Table(TableCommand::Arrange(TableWish { sort: Some((f, false)), .. })) if f == "DIENTICH")
    });
    assert!(sorted, "{:?}", harness.state().pushed);
}

#[test]
fn a_mistake_in_the_filter_is_shown_at_its_place() {
    let mut session = with_table();
    let filter = "SOTO = = 7".to_owned();
    session.perform(Command::Table(TableCommand::Arrange(TableWish { filter, ..TableWish::default() })));
    let harness = open(session);
    assert!(sees(&harness, "▸"), "the place");
    assert!(sees(&harness, "Biểu thức sai"), "the sentence");
}

#[test]
fn a_table_of_a_million_rows_draws_only_what_is_in_sight() {
    let mut table =
        island_twin::model::table::FeatureTable::with_fields(&[("SO", island_twin::model::table::FieldKind::Integer)]);
    for i in 0..1_000_000_i64 {
        table.geometry.push_point([i as f64, 0.0]);
        table.push_row(&[island_twin::model::table::Value::Integer(i + 5_000_000)]);
    }
    let mut project = common::project();
    let role = island_twin::model::layer::LayerRole::Plain;
    project.layers.push(std::sync::Arc::new(common::layer("big", "Lớn", role, table)));
    let mut session = empty_session();
    session.install(project, None);
    session.perform(Command::Table(TableCommand::Open(Some(LayerId::new("big")))));
    finish_jobs(&mut session);
    let mut harness = open(session);
    assert!(sees(&harness, "5000000") && !sees(&harness, "5000100"));
    let start = std::time::Instant::now();
    harness.run_steps(20);
    let frame = start.elapsed() / 20;
    assert!(frame.as_millis() < 200, "{frame:?} a frame");
    // A selection on the map takes the table to its row.
    let hits = vec![island_twin::session::selection::Hit { layer: LayerId::new("big"), feature: 700_001 }];
    let selection = island_twin::session::selection::Selection { hits, active: 0, at: [0.0; 3], beside: false };
    harness.state_mut().session.perform(Command::Select(Some(selection)));
    harness.run_steps(4);
    assert!(sees(&harness, "5700000") && !sees(&harness, "5000000"));
}

#[test]
fn a_layers_style_is_edited_and_exported_from_its_menu() {
    let mut harness = open(session());
    click(&mut harness, "Chi tiết lớp Thửa đất");
    click(&mut harness, "Kiểu hiển thị");
    click(&mut harness, "Theo khoảng");
    let pushed = harness.state().pushed.last();
    assert!(matches!(pushed, Some(Command::Style(StyleCommand::Color { .. }))), "{pushed:?}");
    assert!(sees(&harness, "Đều số lượng"));
    click(&mut harness, "Một màu");
    click(&mut harness, "Bảng thuộc tính");
    settle(&mut harness);
    click(&mut harness, "Xuất lớp…");
    assert!(sees(&harness, "Xuất dữ liệu") && sees(&harness, "GeoPackage"));
}

#[test]
fn a_layer_is_dragged_to_another_place() {
    let mut harness = open(session());
    let handle = |h: &Harness<'static, App>, name: &str| {
        h.get_by_label(&format!("Kéo để đổi thứ tự lớp {name}")).rect().center()
    };
    let (from, to) = (handle(&harness, "Thửa đất"), handle(&harness, "Quy hoạch sử dụng đất"));
    harness.drag_at(from);
    harness.run_steps(2);
    harness.hover_at(to + egui::vec2(20.0, 8.0));
    harness.run_steps(2);
    harness.drop_at(to + egui::vec2(20.0, 8.0));
    harness.run_steps(3);
    assert_eq!(harness.state().pushed, [Command::MoveLayer { layer: LayerId::new("parcels"), to: 0 }]);
}

#[test]
fn questions_are_asked_and_answered() {
    let mut session = session();
    session.perform(Command::Ask(AskCommand::SetOpen(true)));
    session.perform(Command::Ask(AskCommand::Turn(island_twin::session::ask::form::Question::Shares)));
    session.perform(Command::Select(Some(click_on_parcel(2))));
    let mut harness = open(session);
    assert!(sees(&harness, "Đang chọn"));
    click(&mut harness, &format!("{}  Tìm", egui_phosphor::regular::PLAY));
    settle(&mut harness);
    assert!(sees(&harness, "400,0\u{a0}m²") && sees(&harness, "100,0\u{a0}%"));
}

#[test]
fn the_technicians_panels_stay_on_the_screen_in_either_language() {
    for language in Language::ALL {
        let mut ask = session();
        ask.perform(Command::Ask(AskCommand::SetOpen(true)));
        let states = [with_files(&["lost-sheet.shp", "sheet.shp", "broken.shp"]), with_sheet(), with_table(), ask];
        for mut session in states {
            session.perform(Command::SetLanguage(language));
            let harness = open(session);
            let screen = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(1280.0, 720.0)).expand(1.0);
            for node in harness.root().children_recursive() {
                let Some(label) = node.accesskit_node().label() else { continue };
                let rect = node.rect();
                let inside = rect.left() >= screen.left() && rect.right() <= screen.right() && rect.top() >= -1.0;
                assert!(inside, "{language:?}: {label} at {rect:?}");
            }
        }
    }
}

#[test]
fn a_server_is_named_in_a_form_and_asked_only_when_the_button_is_pressed() {
    let mut harness = open(session());
    click(&mut harness, "Tệp");
    harness.query_all_by_label_contains("Nhập từ máy chủ…").next().unwrap().click();
    harness.run_steps(4);
    assert!(sees(&harness, "không lưu mật khẩu"));
    for (label, text) in [("Máy chủ", "127.0.0.1"), ("Cơ sở dữ liệu", "sheet"), ("Mật khẩu", "bí mật")]
    {
        // The label beside it has the same name and takes no letters.
        let is_field = |role| matches!(role, egui::accesskit::Role::TextInput | egui::accesskit::Role::PasswordInput);
        let field = harness.query_all_by_label(label).find(|n| is_field(n.accesskit_node().role())).unwrap();
        field.focus();
        field.type_text(text);
        harness.run_steps(3);
    }
    assert_eq!(harness.state().pushed, []);
    harness.query_all_by_label_contains("Kết nối và đọc").next().unwrap().click();
    harness.run_steps(4);
    settle(&mut harness);
    let session = &harness.state().session;
    let review = session.importing().current().unwrap();
    assert!(review.spec.remote.is_some() && review.imported().is_some());
    assert!(!review.spec.path.display().to_string().contains("bí mật"));
    click(&mut harness, "Nhập 1 lớp");
    settle(&mut harness);
    let project = harness.state().session.project().unwrap().clone();
    assert!(project.layer(&LayerId::new("postgis")).is_some(), "named after the server's kind");
}
