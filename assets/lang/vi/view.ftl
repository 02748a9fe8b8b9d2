view-no-renderer = Không có trình điều khiển đồ họa nào vẽ được. Hãy cài trình điều khiển Vulkan; bản chạy bằng phần mềm là đủ (Debian, Ubuntu: sudo apt install mesa-vulkan-drivers).
view-shot-too-slow = Sau { $seconds } giây vẫn chưa vẽ xong ảnh. Hãy thử --size nhỏ hơn.
view-shot-not-written = Không ghi được ảnh. Thư mục có tồn tại và cho phép ghi không? { $reason }: { $path }
