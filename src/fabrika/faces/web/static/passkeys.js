// Passkeys (W3C Web Authentication): signing in with one, and adding one. Without a browser that knows them nothing is shown.
(() => {
    "use strict";
    if (!window.PublicKeyCredential || !PublicKeyCredential.parseCreationOptionsFromJSON) return;

    const post = (path, form, body) => fetch(path, {
        method: "POST",
        body: body,
        headers: {
            "X-CSRFToken": form.elements.csrfmiddlewaretoken.value,
            "Content-Type": "application/json",
            "Accept": "application/json",
        },
    }).then((answer) => {
        if (!answer.ok) throw new Error(answer.status);
        return answer.status === 204 ? null : answer.json();
    });

    const offer = (id, begin, made, then) => {
        const form = document.getElementById(id);
        if (!form) return;
        form.hidden = false;
        form.addEventListener("submit", async (event) => {
            event.preventDefault();
            const wrong = form.querySelector("[role=alert]");
            wrong.hidden = true;
            try {
                const key = await made(await post(begin, form, "{}"));
                then(await post(form.getAttribute("action"), form, JSON.stringify(key.toJSON())), form);
            } catch (error) {
                wrong.hidden = false;
            }
        });
    };

    offer("with-passkey", "/sign-in/passkey/begin",
        (options) => navigator.credentials.get({publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options)}),
        (answer, form) => location.assign(form.elements.next.value || answer.next));
    offer("new-passkey", "/account/passkeys/begin",
        (options) => navigator.credentials.create({publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options)}),
        () => location.reload());
})();
