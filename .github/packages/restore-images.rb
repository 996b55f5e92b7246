# What Homebrew reads of a release; .ci/packages fills it in.
class RestoreImages < Formula
  desc "Restore monitoring agents' images in Kubernetes manifests"
  homepage "https://github.com/restore-images/restore-images"
  version "@VERSION@"
  license "Apache-2.0"

  on_macos do
    on_arm do
      url "https://github.com/restore-images/restore-images/releases/download/v@VERSION@/restore-images-v@VERSION@-aarch64-apple-darwin.tar.gz"
      sha256 "@SHA256 of aarch64-apple-darwin@"
    end
    on_intel do
      url "https://github.com/restore-images/restore-images/releases/download/v@VERSION@/restore-images-v@VERSION@-x86_64-apple-darwin.tar.gz"
      sha256 "@SHA256 of x86_64-apple-darwin@"
    end
  end

  on_linux do
    on_arm do
      url "https://github.com/restore-images/restore-images/releases/download/v@VERSION@/restore-images-v@VERSION@-aarch64-unknown-linux-musl.tar.gz"
      sha256 "@SHA256 of aarch64-unknown-linux-musl@"
    end
    on_intel do
      url "https://github.com/restore-images/restore-images/releases/download/v@VERSION@/restore-images-v@VERSION@-x86_64-unknown-linux-musl.tar.gz"
      sha256 "@SHA256 of x86_64-unknown-linux-musl@"
    end
  end

  def install
    bin.install "restore-images"
    # What kubectl runs as `kubectl restore-images`.
    bin.install_symlink bin/"restore-images" => "kubectl-restore_images"
    generate_completions_from_executable(bin/"restore-images", "completions")
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/restore-images --version")
  end
end
