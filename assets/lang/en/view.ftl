view-no-renderer = No graphics driver could draw. Install a Vulkan driver; software is enough (Debian and Ubuntu: sudo apt install mesa-vulkan-drivers).
view-shot-too-slow = The picture was not finished after { $seconds } s. Try a smaller --size.
view-shot-not-written = The picture could not be written. Is the folder there, and may you write into it? { $reason }: { $path }
