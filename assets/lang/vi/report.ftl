report-import-title = Báo cáo nhập dữ liệu
report-import-counts = Đọc { $read } đối tượng, lấy { $kept }, bỏ { $refused }, đã sửa { $repaired }.
report-import-row = Dòng
report-import-what = Nội dung
report-import-place = Vị trí (X, Y)
report-import-repair = Sửa được
report-import-yes = có
report-import-more = Còn { $count } lỗi khác không liệt kê.
