sim-running = Đang mô phỏng
sim-cancelled = Đã dừng mô phỏng theo yêu cầu.
sim-panicked = Mô phỏng dừng vì lỗi của chương trình: { $reason }. Dữ liệu của dự án không bị ảnh hưởng; hãy gửi thông báo này cho nhóm phát triển.
sim-no-thread = Máy không cấp được luồng xử lý cho mô phỏng: { $reason }. Hãy đóng bớt chương trình khác rồi thử lại.

sim-fire-unknown-fuel = Không có mô hình vật liệu cháy số { $number }. Hãy dùng mã 1–13, 101–204 hoặc tự định nghĩa mô hình đó.
sim-fire-out-of-range = { $what } bằng { $value } là không hợp lệ. Hãy nhập giá trị từ { $low } đến { $high }.
sim-fire-bad-row = Dòng { $line }: { $what } bị thiếu hoặc không phải là số. Tệp: { $path }
sim-fire-file = Không đọc hoặc ghi được tệp: { $reason }. Tệp: { $path }
sim-fire-grid-mismatch = { $what } không cùng lưới với lớp vật liệu cháy. Hãy chuyển về cùng lưới trước khi chạy.
sim-fire-nothing-ignites = Chỗ châm lửa không có gì cháy được (nước, đường, đất trống hoặc ngoài bản đồ). Hãy chọn điểm trên thảm thực vật.
sim-fire-no-ignition = Chưa có điểm cháy. Hãy đặt ít nhất một điểm, đường hoặc vùng cháy.
sim-fire-no-weather = Chưa có số liệu thời tiết. Hãy nhập gió và độ ẩm cho ít nhất một giờ.
sim-fire-fuel-table = Không đọc được bảng vật liệu cháy: { $reason }. Hãy sửa lại bảng.

sim-fire-input-depth = Chiều dày lớp vật liệu cháy (ft)
sim-fire-input-extinction = Độ ẩm dập tắt
sim-fire-input-heat = Nhiệt lượng cháy (Btu/lb)
sim-fire-input-load = Khối lượng vật liệu cháy (lb/ft²)
sim-fire-input-savr = Tỷ số diện tích trên thể tích (1/ft)
sim-fire-input-dead-moisture = Độ ẩm vật liệu khô
sim-fire-input-live-moisture = Độ ẩm thực vật tươi
sim-fire-input-wind = Tốc độ gió (m/s)
sim-fire-input-wind-direction = Hướng gió
sim-fire-input-slope = Độ dốc
sim-fire-input-time = Thời gian (s)
sim-fire-input-temperature = Nhiệt độ (°C)
sim-fire-input-humidity = Độ ẩm không khí
sim-fire-input-rain = Lượng mưa (mm)
sim-fire-input-spotting = Tham số tàn lửa bay
sim-fire-input-elevation = Lớp độ cao
sim-fire-input-canopy = Lớp tán rừng
sim-fire-input-land-cover = Lớp phủ mặt đất

sim-fire-assumes-rothermel = Tốc độ lan tính theo Rothermel (1972) với các mô hình vật liệu cháy chuẩn của Hoa Kỳ, đối chiếu với chương trình behave.
sim-fire-assumes-no-peat = Không tính cháy ngầm trong than bùn.
sim-fire-assumes-not-validated = Đã kiểm tra phép tính, chưa đối chiếu với đám cháy thật trên đảo: không có số liệu ranh giới cháy.
sim-fire-assumes-spotting = Tàn lửa bay theo tham số giả định của chuyên gia.
