//! Street names as Vietnamese towns have them.

pub const STREETS: &[&str] = &[
    "Nguyễn Trung Trực", "30 Tháng 4", "Hùng Vương", "Nguyễn Trãi", "Lý Thường Kiệt", "Bạch Đằng", "Nguyễn Huệ",
    "Lý Tự Trọng", "Đồ Chiểu", "Ngô Quyền", "Mạc Cửu", "Nguyễn An Ninh", "Âu Cơ", "Trần Phú",
    "Lê Lợi", "Nguyễn Du", "Phan Đình Phùng", "Phan Bội Châu", "Phan Chu Trinh", "Hoàng Văn Thụ", "Võ Thị Sáu",
    "Nguyễn Thái Học", "Đoàn Thị Điểm", "Hai Bà Trưng", "Bà Triệu", "Lê Hồng Phong", "Lạc Long Quân",
    "Mạc Thiên Tích", "Nguyễn Chí Thanh", "Trương Định", "Đinh Tiên Hoàng", "Lê Thánh Tôn", "Quang Trung",
    "Trần Bình Trọng", "Ngô Gia Tự", "Chu Văn An", "Cao Bá Quát", "Phan Văn Trị", "Hồ Xuân Hương",
    "Tôn Đức Thắng", "Phạm Ngọc Thạch", "Huỳnh Mẫn Đạt", "Lâm Quang Ky", "Chi Lăng", "Thái Phiên", "Lê Quý Đôn",
    "Hoàng Hoa Thám", "Nguyễn Công Trứ", "Tú Xương", "Đống Đa", "Yết Kiêu", "Dã Tượng", "Trần Quang Khải",
    "Trần Nhật Duật", "Lương Thế Vinh", "Nguyễn Khuyến", "Bùi Thị Xuân", "Nguyễn Viết Xuân", "Phan Huy Ích",
    "Ngô Thì Nhậm",
];

/// A name for street number `index` of a district; villages and late streets are numbered.
#[must_use]
pub fn street(town: bool, index: usize) -> String {
    match STREETS.get(index) {
        Some(name) if town => (*name).to_owned(),
        _ => format!("Đường số {}", index + 1),
    }
}
