"""What the scripts here run programs on: generated ResourceLists, and the same work in the form
that each program takes."""
import hashlib, json, os, re, subprocess, sys, tempfile

from measure import ROOT, TOOLS

GENERATOR = os.path.join(ROOT, "..", "shared", "bench", "resourcelist.py")
OFFICIAL = "realtheory/theory-k8s-collector"
SOURCE = f"docker.io/{OFFICIAL}"
MIRROR = f"registry.example.com/hub/{OFFICIAL}"
IMAGE = re.compile(r"[ -]*image: +(?:\"([^\"]*)\"|'([^']*)'|(\S+))")

# One image, whatever its tag or digest, becomes the mirror's with one tag: what kustomize's images
# and set-image can say. Pull policies are kept, since neither of them knows any.
OURS = f"""functionConfig:
  apiVersion: restore-images.dev/v1alpha1
  kind: RestoreImages
  metadata:
    name: collectors
  spec:
    agents:
    - name: collector
      images:
      - image: {OFFICIAL}:stable
        tag: floating
    registries:
    - source: docker.io
      mirror: registry.example.com/hub
"""
SET_IMAGE = f"""functionConfig:
  apiVersion: fn.kpt.dev/v1alpha1
  kind: SetImage
  metadata:
    name: collectors
  image:
    name: {SOURCE}
    newName: {MIRROR}
    newTag: stable
"""
KUSTOMIZATION = f"""apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [all.yaml]
images:
- name: {SOURCE}
  newName: {MIRROR}
  newTag: stable
"""


def resource_list(path, deployments, percent):
    """Writes a ResourceList whose Deployments hold drifted agents, `percent` in a hundred."""
    if not os.path.exists(GENERATOR):
        sys.exit("the generator ../shared/bench/resourcelist.py is absent")
    arguments = [GENERATOR, str(deployments), str(percent), path]
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return os.path.getsize(path)


def same_work(source, folder, programs):
    """Writes the items of a ResourceList in the form that each of the programs takes, and gives
    how many agents they hold.

    set-image takes one name, so every agent gets the same one before its tag or digest.
    """
    with open(source) as file:
        items = file.read().split("functionConfig:\n", 1)[0]
    items, agents = re.subn(rf"(image: )(?:[\w.:-]+/(?:hub/)?)?{OFFICIAL}", rf"\1{SOURCE}", items)
    with open(os.path.join(folder, "ours.yaml"), "w") as file:
        file.write(items + OURS)
    if "set-image" in programs:
        with open(os.path.join(folder, "set-image.yaml"), "w") as file:
            file.write(items + SET_IMAGE)
    if "kustomize" not in programs:
        return agents
    os.makedirs(os.path.join(folder, "kustomize"), exist_ok=True)
    with open(os.path.join(folder, "kustomize", "kustomization.yaml"), "w") as file:
        file.write(KUSTOMIZATION)
    with open(os.path.join(folder, "kustomize", "all.yaml"), "w") as file:
        for line in items.split("items:\n", 1)[1].splitlines(keepends=True):
            # An item's first line, its other lines, and comments between items.
            file.write("---\n" + line[2:] if line.startswith("- ") else line.removeprefix("  "))
    return agents


def images(path):
    """The images that a program left: how many are the mirror's, and a digest of all, whatever
    their order and style."""
    values, counts = [], True
    with open(path) as file:
        for line in file:
            if key := re.match(r"\w+:", line):
                counts = key[0] not in ("functionConfig:", "results:")
            if counts and (found := IMAGE.match(line)):
                values.append(found[1] or found[2] or found[3])
    digest = hashlib.sha256("\n".join(sorted(values)).encode()).hexdigest()
    return [values.count(f"{MIRROR}:stable"), len(values), digest]


def identity():
    """The function of benches/identity, built."""
    path = os.path.join(TOOLS, "identity")
    folder = os.path.join(ROOT, "benches", "identity")
    subprocess.run(["go", "build", "-o", path, "."], cwd=folder, check=True)
    return path


def as_json(source, path, indent):
    """Writes YAML as JSON: in one line without blanks as Go and jq -c write it, or with the
    indentation of kubectl."""
    with open(source) as file, open(path, "w") as to:
        subprocess.run([identity(), "-json"], stdin=file, stdout=to, check=True)
    if indent:
        with open(path) as file:
            document = json.load(file)
        with open(path, "w") as file:
            json.dump(document, file, indent=indent)


def small_manifests(count):
    """Deployments of few lines, of which one in a hundred holds a drifted agent."""
    for number in range(count):
        image = f"{SOURCE}:v1.2.{number}" if number % 100 == 0 else f"ghcr.io/acme/app-{number}:v1"
        yield (
            f"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app-{number}\n"
            f"  namespace: shop\n  labels:\n    app: app-{number}\nspec:\n  replicas: 2\n"
            f"  selector:\n    matchLabels:\n      app: app-{number}\n  template:\n"
            f"    metadata:\n      labels:\n        app: app-{number}\n    spec:\n"
            f"      containers:\n      - name: app\n        image: {image}\n"
            f"        ports:\n        - containerPort: 8080\n"
        )


def items(count, folder):
    """The first items of a generated ResourceList as manifests of their own."""
    source = os.path.join(folder, "list.yaml")
    resource_list(source, count, 1)
    same_work(source, folder, ["kustomize"])
    with open(os.path.join(folder, "kustomize", "all.yaml")) as file:
        return file.read().split("---\n")[1 : count + 1]


def files(folder, manifests):
    """Writes each manifest to a file, a hundred in a folder, and gives their paths and bytes."""
    paths, size = [], 0
    for number, text in enumerate(manifests):
        path = os.path.join(folder, f"app-{number // 100:03}", f"{number % 100:02}.yaml")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        paths.append(path)
        size += os.path.getsize(path)
    return paths, size


def small_files(folder, count):
    """`count` small manifests as files."""
    return files(folder, small_manifests(count))


def large_files(folder, count):
    """`count` generated items as files."""
    with tempfile.TemporaryDirectory() as scratch:
        return files(folder, items(count, scratch))


# A rule for every image of a registry, whosever it is: with it, nearly all of a tree is judged.
RULE_FOR_ALL = """apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata:
  name: tree
spec:
  registries:
  - source: ghcr.io
    mirror: registry.example.com/ghcr
    scope: all
"""
MIRRORED = "registry.example.com/ghcr/acme"


def workload(app, number):
    """A Deployment with two containers; the first one of an app is an agent that drifted."""
    name = f"{app}-{number}"
    image = f"{MIRRORED}/{name}:1.{number}" if number else f"{SOURCE}:v1.2.{len(app)}"
    return (
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\n  labels:\n"
        f"    app: {name}\n    team: {app}\nspec:\n  replicas: 2\n  selector:\n    matchLabels:\n"
        f"      app: {name}\n  template:\n    metadata:\n      labels:\n        app: {name}\n"
        f"    spec:\n      serviceAccountName: {app}\n      containers:\n      - name: main\n"
        f"        image: {image}\n        args: [--port=8080, --level=info]\n        env:\n"
        f"        - name: REGION\n          value: west-{number % 9}\n        ports:\n"
        f"        - containerPort: 8080\n          name: http\n        resources:\n"
        f"          limits: {{cpu: 500m, memory: 256Mi}}\n        livenessProbe:\n"
        f"          httpGet: {{path: /healthz, port: http}}\n          periodSeconds: 10\n"
        f"      - name: proxy\n        image: {MIRRORED}/proxy:2.{number % 7}\n"
    )


def service(app, number):
    """A Service in front of a Deployment."""
    name = f"{app}-{number}"
    return (
        f"apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\nspec:\n  selector:\n"
        f"    app: {name}\n  ports:\n  - name: http\n    port: 80\n    targetPort: http\n"
    )


def settings(app, number):
    """A ConfigMap, which holds text and no image."""
    text = "".join(f"    key.{line}={number * line}\n" for line in range(20))
    return (
        f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {app}-{number}\ndata:\n"
        f"  app.properties: |\n{text}"
    )


def overlay(app, stage):
    """The files of an overlay: it sets the tags of three images and patches one workload."""
    images = "".join(
        f"- name: {MIRRORED}/{app}-{number}\n  newTag: {stage}-{number}\n" for number in (1, 2, 3)
    )
    return {
        "kustomization.yaml": f"resources:\n- ../base\nnamespace: {stage}\nimages:\n{images}"
        "patches:\n- path: memory.yaml\n",
        "memory.yaml": f"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {app}-4\nspec:\n"
        "  template:\n    spec:\n      containers:\n      - name: main\n        resources:\n"
        "          limits: {memory: 1Gi}\n",
    }


def kustomized_tree(folder, count):
    """Writes `count` files, a hundred for each app: a base of 95 manifests, and an overlay of it for each
    of two stages. Gives the paths of all, those of the kustomizations, and the bytes."""
    paths, roots, size = [], [], 0
    for app in (f"app-{number:03}" for number in range(count // 100)):
        base = {}
        for number in range(40):
            base[f"deployment-{number}.yaml"] = workload(app, number)
            base[f"service-{number}.yaml"] = service(app, number)
        for number in range(15):
            base[f"settings-{number}.yaml"] = settings(app, number)
        base["kustomization.yaml"] = "resources:\n" + "".join(f"- {name}\n" for name in base)
        parts = {"base": base} | {stage: overlay(app, stage) for stage in ("staging", "prod")}
        for part, files in parts.items():
            below = os.path.join(folder, app, part)
            os.makedirs(below)
            roots.append(below)
            for name, text in files.items():
                path = os.path.join(below, name)
                with open(path, "w") as file:
                    file.write(text)
                paths.append(path)
                size += len(text)
    return paths, roots, size
