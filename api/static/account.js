// The dialog in which one signs up, signs in, pastes a token, or signs out.

const $ = (id) => document.getElementById(id);

export class Account {
  constructor(session) {
    this.session = session;
    $("show-account").addEventListener("click", () => this.open());
    $("close-account").addEventListener("click", () => $("account").close());
    $("credentials").addEventListener("submit", (event) => {
      event.preventDefault();
      this.attempt(() => session.enter(event.submitter?.value ?? "signIn", $("email").value.trim(), $("password").value));
    });
    $("pasted").addEventListener("submit", (event) => {
      event.preventDefault();
      session.use({ accessToken: $("token").value.trim().replace(/^bearer\s+/i, "") });
      this.attempt(() => session.recognise());
    });
    $("sign-out").addEventListener("click", () => this.attempt(() => session.leave()));
    this.draw();
  }

  open() {
    $("account-said").textContent = "";
    $("account").showModal();
  }

  async attempt(doing) {
    $("account-said").textContent = "…";
    try {
      await doing();
      $("password").value = $("token").value = "";
      $("account").close();
    } catch (error) {
      $("account-said").textContent = error.message;
    }
  }

  draw() {
    const { token, who } = this.session;
    $("show-account").textContent = token ? who || "Signed in" : "Sign in";
    $("show-account").setAttribute("aria-pressed", String(Boolean(token)));
    $("sign-out").hidden = !token;
  }
}
