# Phiên làm việc: lỗi, thông báo, tên các bước hoàn tác.

session-error-no-project = Chưa mở dự án nào. Hãy mở một dự án hoặc một cảnh trước.
session-error-no-layer = Dự án không có lớp “{ $layer }”.
session-error-no-feature = Lớp “{ $layer }” không có đối tượng số { $feature }.
session-error-no-field = Lớp “{ $layer }” không có trường “{ $field }”.
session-error-number = “{ $text }” không phải là số hợp lệ cho trường “{ $field }”. Hãy nhập một số, ví dụ 1234,5.
session-error-no-bookmark = Không có góc nhìn “{ $id }”.
session-error-crs = Hệ tọa độ { $crs } của dự án không đổi được sang kinh độ, vĩ độ nên không lưu được góc nhìn.
session-error-no-thread = Hệ thống không cho khởi động công việc này: { $reason }

session-saved = Đã lưu dự án.
session-job-cancelled = Đã hủy theo yêu cầu.
session-job-panicked = Công việc dừng vì lỗi của chương trình. Dự án đang mở không bị ảnh hưởng; hãy báo lỗi kèm tên tệp.

session-undo-show = hiện lớp “{ $layer }”
session-undo-hide = ẩn lớp “{ $layer }”
session-undo-show-many = hiện { $count } lớp
session-undo-hide-many = ẩn { $count } lớp
session-undo-opacity = đổi độ đậm lớp “{ $layer }”
session-undo-rename = đổi tên lớp “{ $layer }”
session-undo-move = đổi thứ tự lớp “{ $layer }”
session-undo-remove = gỡ lớp “{ $layer }”
session-undo-cell = sửa “{ $field }” của lớp “{ $layer }”
session-undo-add-bookmark = thêm góc nhìn “{ $title }”
session-undo-remove-bookmark = xóa góc nhìn “{ $title }”
session-undo-import = nhập { $count } lớp

session-error-no-ignition = Chưa có điểm cháy. Hãy nhấp lên bản đồ để đặt.
session-fire-field-arrival = Thời gian lửa tới
session-fire-field-flame = Chiều dài ngọn lửa
session-fire-field-rate = Tốc độ lan
session-fire-field-intensity = Cường độ lửa
session-fire-field-type = Kiểu cháy
session-fire-type-surface = Cháy mặt đất
session-fire-type-passive = Cháy tán cục bộ (từng cây bốc cháy)
session-fire-type-active = Cháy tán lan rộng
session-fire-written = Đã ghi kết quả mô phỏng cháy
session-error-no-fire = Chưa có kết quả mô phỏng. Hãy chạy mô phỏng trước rồi mới xuất.
session-fire-field-probability = Xác suất cháy
session-live-field = Giữa các trạm
session-live-seen = Tầm nhìn của camera
session-live-alarm-title = Cảnh báo trên đảo
session-live-alarm = { $stream }: { $value } ({ $rule })
session-live-no-secret-store = Máy này không có kho mật khẩu; lần sau chương trình sẽ hỏi lại
session-live-stalled = Phần trực tuyến đã dừng: số liệu trên bản đồ không còn mới. Hãy lưu công việc và mở lại chương trình
session-live-source-trouble = Không nhận được số liệu từ { $source }: { $reason }
session-live-lost = { $count } số đo không kịp ghi vì ổ đĩa quá chậm và không có trong lịch sử; hãy kiểm tra ổ đĩa
session-live-sensors-saved = Đã lưu các trạm và nguồn số liệu bên cạnh dự án
session-error-no-history = Chưa lưu số đo trực tiếp nào: hãy mở phòng số liệu trực tiếp và chọn nguồn trước.
session-find-field = Nơi nguồn có thể nằm
session-find-readings = Trung bình giờ của { $stations } trạm trong { $hours } giờ đến { $until }, cùng gió do trạm đo (mỗi giờ một gió chung, độ ổn định khí quyển theo mặt trời và gió với 40 % mây, giả định).
session-find-usual = Chỉ giải thích phần cao hơn mức thường lệ của cùng giờ: trung vị của { $days } ngày trước.
session-find-no-usual = Chưa đủ ba ngày trước đó nên số đo được lấy nguyên: giờ cao điểm và đêm lặng gió có thể trông như một nguồn.
session-find-wind = Một nguồn phát đều, cao { $height } m trên mặt đất, vệt khói thẳng trên đất bằng (giả định); số đo và vệt khói cùng sai số một phần năm.
session-find-left-out = { $hours } giờ không có gió hoặc gần như lặng gió không cho biết gì và được bỏ qua.
session-air-day-wind = Trong 24 giờ có { $hours } giờ có gió đo được; các giờ còn lại theo la bàn gió đã chọn.
