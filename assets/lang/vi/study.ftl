study-clock = { $clock }
study-clock-day = { $clock } ngày { $date }

study-fire-no-land-cover = Dự án chưa có lớp phủ mặt đất nên không biết chỗ nào cháy được. Hãy thêm lớp này và đặt vai trò “lớp phủ”.
study-fire-outside-map = Điểm cháy nằm ngoài bản đồ hoặc dưới biển. Hãy chọn chỗ trên đất liền trong phạm vi bản đồ.
study-fire-no-lon-lat = Không tính được kinh độ, vĩ độ trong hệ tọa độ { $crs } của dự án. Hãy nhập vị trí theo hệ này.
study-writing = Đang ghi kết quả
study-fire-write = Không ghi được thư mục: { $reason }. Hãy kiểm tra quyền ghi và dung lượng trống. Thư mục: { $path }
study-fire-no-scenario = Kịch bản "{ $scenario }" không còn nữa. Hãy chọn kịch bản khác.
study-fire-unknown-cover = { $hectares } ha có loại lớp phủ không có trong bảng vật liệu cháy nên được coi là không cháy. Hãy bổ sung loại này vào bảng.
study-fire-no-terrain = Dự án chưa có địa hình: mặt đất được coi là bằng phẳng.

study-fire-burnt = Đến { $clock }, đám cháy lan ra { $hectares } ha.
study-fire-within-a-cell = Đến { $clock }, đám cháy vẫn nhỏ hơn một ô tính ({ $hectares } ha): thảm thực vật ở đây hầu như không lan lửa trong thời tiết này.
study-fire-reaches-road = Cháy tới { $road } lúc { $clock }.
study-fire-reaches-place = Cháy đến cách { $place } dưới 300 m lúc { $clock }.
study-fire-no-buildings = Đến { $clock } chưa có công trình nào bị lửa lan tới.
study-fire-buildings = Đến { $clock } có { $buildings } công trình với { $residents } người ở bị lửa lan tới; công trình đầu tiên lúc { $first }.
study-fire-forest = { $hectares } ha rừng bị cháy.
study-fire-protected-forest = Theo quy hoạch sử dụng đất, vùng cháy có { $special } ha đất rừng đặc dụng và { $protection } ha đất rừng phòng hộ.
study-fire-range-area = Diện tích cháy khi gió và độ ẩm khác đi: từ { $low } đến { $high } ha, ở giữa là { $middle } ha ({ $members } lần tính; 10 % thấp hơn và 10 % cao hơn khoảng này).
study-fire-range-buildings = Số công trình bị lửa lan tới khi gió và độ ẩm khác đi: từ { $low } đến { $high }, ở giữa là { $middle }.
study-fire-change-area = Diện tích cháy: { $before } ha khi không có biện pháp, { $after } ha khi có; giữ được { $spared } ha.
study-fire-change-buildings = Công trình bị lửa lan tới: { $before } khi không có biện pháp, { $after } khi có; giữ được { $spared }.
study-fire-change-residents = Người ở bị ảnh hưởng: { $before } khi không có biện pháp, { $after } khi có; giảm được { $spared }.

study-fire-assumes-judgement = Ý kiến chuyên gia, chưa đo đạc: { $cover } cháy như mô hình vật liệu cháy chuẩn { $fuel }. Có thể sửa trong bảng vật liệu cháy.
study-fire-assumes-generated-cover = Lớp phủ là dữ liệu mô phỏng để trình diễn, không phải số liệu điều tra.
study-fire-assumes-generated-terrain = Địa hình là dữ liệu mô phỏng để trình diễn, không phải số liệu đo đạc.
study-fire-assumes-roads = Đường rộng từ { $width } m trở lên chặn được lửa; công trình và mặt nước không cháy. Chưa tính lực lượng chữa cháy nếu không vẽ đường cản lửa.
study-fire-assumes-constant-weather = Gió và độ ẩm giữ nguyên trong suốt thời gian tính.

study-fire-moisture-very-low = Rất khô (vật liệu nhỏ 3 %)
study-fire-moisture-low = Khô (vật liệu nhỏ 6 %)
study-fire-moisture-moderate = Trung bình (vật liệu nhỏ 9 %)
study-fire-moisture-high = Ẩm (vật liệu nhỏ 12 %)
