// The webcam fills the same field that a chosen file does; without a camera the field remains.
(() => {
  const part = (id) => document.getElementById(id);
  const [video, start, snap, field, away] = ["look", "camera", "snap", "photo", "camera-away"].map(part);
  if (!video || !field) return;
  if (!navigator.mediaDevices) { away.hidden = false; return; }
  start.hidden = false;
  let stream = null;
  const stop = () => {
    if (stream) stream.getTracks().forEach((track) => track.stop());
    stream = null;
    video.hidden = snap.hidden = true;
    start.hidden = false;
  };
  start.addEventListener("click", async () => {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 720 } });
    } catch {
      away.hidden = false;
      return;
    }
    video.srcObject = stream;
    await video.play();
    video.hidden = snap.hidden = false;
    start.hidden = true;
  });
  snap.addEventListener("click", () => {
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    canvas.toBlob((blob) => {
      const files = new DataTransfer();
      files.items.add(new File([blob], "webcam.jpg", { type: "image/jpeg" }));
      field.files = files.files;
      stop();
    }, "image/jpeg", 0.92);
  });
  window.addEventListener("pagehide", stop);
})();
