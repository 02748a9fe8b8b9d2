# Tạo dữ liệu mẫu (island-twin demo-data).
demo-source-unreadable = Không đọc được dữ liệu gốc { $name } kèm theo chương trình: { $reason }. Hãy cài đặt lại chương trình.
demo-no-route = Không tìm được tuyến đường bộ từ { $from } đến { $to }. Hãy kiểm tra vị trí hai điểm này trong bản thiết kế đường.
demo-folder = Không tạo hoặc dọn được thư mục: { $reason }. Hãy kiểm tra quyền ghi và dung lượng đĩa: { $path }
