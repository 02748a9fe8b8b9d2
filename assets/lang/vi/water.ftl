water-out-of-range = { $what } là { $value }, không thể có. Hãy nhập giá trị từ { $low } đến { $high }.
water-on-land = Vị trí số { $number } nằm trên đất liền. Hãy đặt xuống biển; chỗ có nước gần nhất cách { $distance } m.
water-outside-map = Vị trí số { $number } nằm ngoài bản đồ. Hãy chọn một điểm trên biển trong bản đồ.
water-no-sea = Bản đồ không có biển: không ô địa hình nào thấp hơn 0. Hãy bổ sung độ sâu vào lớp địa hình.
water-no-terrain = Dự án không có lớp địa hình gồm đáy biển nên không biết độ sâu. Hãy thêm một lớp với vai trò “địa hình”.
water-unstable = Dòng chảy tính được mất ổn định. Hãy dùng ô lưới lớn hơn và kiểm tra độ sâu trong lớp địa hình.
water-no-wind = Chưa cho gió: biển chỉ chuyển động do thủy triều. Cho gió bằng --wind.
water-no-beaches = Dự án không có bãi biển nào (LOAI = “Bãi biển”) nên không báo được bãi nào bị ảnh hưởng.

water-input-cell = Kích thước ô (m)
water-input-cells = Số ô lưới
water-input-concentration = Nồng độ của cửa xả
water-input-diffusivity = Hệ số khuếch tán (m²/s)
water-input-flow = Lưu lượng của cửa xả (m³/s)
water-input-hours = Thời gian (giờ)
water-input-particles = Số hạt
water-input-snapshot = Khoảng thời gian giữa hai lần ghi (phút)
water-input-step = Bước thời gian (s)
water-input-t90 = T90 (s)
water-input-wind = Tốc độ gió (m/s)

water-dilution = Cửa xả { $number }: nước thải được pha loãng { $times } lần khi lên đến mặt nước (luồng nổi tròn, không có dòng chảy).
water-worst-beach = Bị ảnh hưởng nhiều nhất: { $beach }, trung bình { $value } { $unit } ngoài bãi lúc { $clock } (mô phỏng).
water-beaches-above = { $above } trong { $beaches } bãi biển có lúc vượt { $limit } { $unit } (mô phỏng).

water-assumes-barotropic = Dòng chảy trung bình theo độ sâu do triều, gió và ma sát; không xét chênh lệch mật độ và động lượng riêng của dòng chảy.
water-assumes-no-waves = Không xét sóng và dòng ven bờ do sóng.
water-assumes-mixed = Chất từ cửa xả được coi là trộn đều ngay trên toàn độ sâu của ô.
water-assumes-t90 = Vi khuẩn chết dần theo T90 không đổi, ngày cũng như đêm.
water-assumes-oil = Dầu trôi theo dòng chảy và 3 % tốc độ gió, bay hơi theo Fingas, dạt vào đâu thì ở lại đó.
water-assumes-wind = Một luồng gió như nhau trên toàn vùng biển và suốt thời gian: { $wind } m/s (giả định).
water-assumes-tide = Thủy triều là giả định (K1, O1, M2, S2; chưa có hằng số của trạm nào, bỏ qua biến đổi 18,6 năm) và truyền vào như sóng dài. Cần kiểm chứng trước khi dùng.
water-assumes-generated-depth = Độ sâu là dữ liệu minh họa, không phải đo đạc.
water-assumes-not-validated = Phép tính đã được kiểm tra về toán học, chưa đối chiếu với thực tế: không có số đo dòng chảy hay nồng độ để so sánh. Các con số không kèm độ bất định; chỉ nên coi là bậc độ lớn.

cli-help-simulate-water = Một ngày của biển: dòng triều và dòng gió, cửa xả, dầu tràn, bãi biển nào bị ảnh hưởng
cli-help-simulate-water-scene = Cảnh (*.scene.ron) hoặc dự án (*.gpkg) có lớp địa hình gồm độ sâu
cli-help-simulate-water-scenario = Kịch bản quy hoạch của cảnh hoặc dự án
cli-help-simulate-water-outfall = Nơi xả: kinh độ,vĩ độ@lưu lượng@nồng độ kèm đơn vị, ví dụ 103.95,10.21@0.2m3/s@1e6CFU/100mL. Lưu lượng: m3/s, m3/h, m3/d, l/s; nồng độ: CFU/100mL, MPN/100mL, mg/L, kg/m3, ug/L. Có thể dùng nhiều lần
cli-help-simulate-water-xy = Vị trí là x,y trong hệ tọa độ của cảnh thay vì kinh độ, vĩ độ
cli-help-simulate-water-wind = Gió ở độ cao 10 m và hướng gió thổi từ đâu tới, m/s và độ: 5@45
cli-help-simulate-water-t90 = Thời gian để chín phần mười vi khuẩn chết, kèm đơn vị: 8h, 90min, 1d. Bỏ trống thì không phân hủy
cli-help-simulate-water-diffusivity = Hệ số khuếch tán ngang, m²/s
cli-help-simulate-water-hours = Thời gian mô phỏng, giờ
cli-help-simulate-water-cell = Cạnh của ô lưới, mét
cli-help-simulate-water-tide_from = Sóng triều truyền từ hướng nào tới, độ theo chiều kim đồng hồ từ hướng bắc
cli-help-simulate-water-start = Thời điểm bắt đầu (ISO 8601); không ghi múi giờ thì là giờ Việt Nam; bỏ trống thì lấy giờ của cảnh
cli-help-simulate-water-limit = Đếm số giờ bãi biển vượt nồng độ này (đơn vị của cửa xả)
cli-help-simulate-water-oil = Nơi dầu tràn lúc bắt đầu: kinh độ,vĩ độ
cli-help-simulate-water-particles = Số hạt đại diện cho dầu
cli-help-simulate-water-seed = Mầm ngẫu nhiên cho chuyển động của hạt
cli-help-simulate-water-snapshot_minutes = Cứ bao nhiêu phút ghi raster một lần
cli-help-simulate-water-threads = Số luồng; 0: bằng số nhân của máy. Kết quả không đổi
cli-help-simulate-water-out = Thư mục để ghi: raster (GeoTIFF), bãi biển và hạt (CSV), bản kê và báo cáo (JSON)
cli-help-simulate-water-json = In báo cáo dạng JSON
cli-water-unit = “{ $text }” không có đơn vị nào nhận biết được. Hãy viết đơn vị sau con số; các đơn vị dùng được: { $known }
cli-water-two-units = Các cửa xả dùng đơn vị nồng độ khác nhau ({ $first }, { $second }). Hãy dùng chung một đơn vị, hoặc chạy riêng.
cli-water-done = Đã mô phỏng { $hours } giờ của biển. Đã ghi vào { $path }
