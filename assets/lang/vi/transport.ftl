transport-out-of-range = { $what } là { $value }, không thể có. Hãy nhập giá trị từ { $low } đến { $high }.
transport-not-a-number = { $what }: { $cells } ô không có số liệu. Hãy điền giá trị, hoặc loại các ô đó khỏi bản đồ bằng cách để trống nồng độ ban đầu (nodata).
transport-negative = { $what }: { $cells } ô có giá trị âm, điều không thể có. Hãy sửa dữ liệu đầu vào.
transport-too-long = Bước thời gian { $step } s phải chia thành { $needed } phần thì sơ đồ tính mới theo kịp dòng chảy qua mỗi ô (số Courant 0,9). Hãy dùng bước { $longest } s hoặc ngắn hơn, hoặc kiểm tra đơn vị vận tốc (m/s).

transport-input-velocity = Vận tốc (m/s)
transport-input-concentration = Nồng độ
transport-input-diffusivity = Hệ số khuếch tán (m²/s)
transport-input-step = Bước thời gian (s)
transport-input-decay = Hệ số phân hủy (1/s)
transport-input-inflow = Nồng độ dòng vào

cli-help-simulate-transport = Chỉ tính bình lưu, khuếch tán và phân hủy của một raster theo trường vận tốc, không làm mất khối lượng
cli-help-simulate-transport-velocity = Hai raster (GeoTIFF): vận tốc về hướng đông và về hướng bắc tại tâm ô, m/s. Mặt giữa hai ô lấy trung bình của cả hai
cli-help-simulate-transport-initial = Nồng độ ban đầu (GeoTIFF), đơn vị tùy ý; ô không có giá trị là ô đóng (đất liền, tường)
cli-help-simulate-transport-diffusivity = Hệ số khuếch tán K, m²/s
cli-help-simulate-transport-dt = Bước thời gian tính bằng giây; tự chia thành các phần bằng nhau ở nơi số Courant theo một hướng vượt 0,9
cli-help-simulate-transport-steps = Số bước
cli-help-simulate-transport-out = Nồng độ lúc kết thúc (GeoTIFF)
cli-help-simulate-transport-boundary = Điều kiện ở rìa raster: closed (không gì đi qua) hoặc open (dòng ra mang đi mất, dòng vào có nồng độ --inflow)
cli-help-simulate-transport-inflow = Nồng độ của dòng chảy vào qua rìa mở
cli-help-simulate-transport-decay = Phân hủy bậc nhất, 1/s
cli-help-simulate-transport-precision = Độ chính xác số học: f32 (nhanh hơn) hoặc f64
cli-help-simulate-transport-threads = Số luồng; 0: bằng số nhân của máy. Kết quả không đổi
cli-help-simulate-transport-json = In các con số dạng JSON

cli-transport-grid = { $path } không có cùng lưới ô với { $other }. Hãy đưa cả ba raster về một lưới trước.
cli-transport-closed-cells = { $cells } ô không có nồng độ ban đầu: coi là ô đóng, không có gì chảy qua.
cli-transport-no-metres = { $path } tính bằng độ, trong khi vận tốc tính bằng mét trên giây. Hãy chuyển các raster sang múi UTM hoặc VN-2000 trước.
cli-transport-sub-steps = Bước { $step } s có số Courant { $courant }: mỗi bước được chia thành { $parts } phần.
cli-transport-done = Sau { $hours } giờ: khối lượng (nồng độ × diện tích) ban đầu { $before }, cuối cùng { $after }, thay đổi tương đối { $change }; nhỏ nhất { $least }, lớn nhất { $most }. Đã ghi vào { $path }

transport-input-lid = Độ cao trần khí quyển (m)
transport-input-roughness = Độ nhám mặt đất (m)
transport-input-deposition = Tốc độ lắng đọng (m/s)
transport-input-hours = Số giờ
transport-input-wind = Tốc độ gió (m/s)
transport-input-wind-from = Hướng gió
transport-input-mixing-height = Độ cao lớp xáo trộn (m)
transport-input-emission = Lượng phát thải (µg/s)
transport-input-source-height = Độ cao nguồn thải (m)
