# Reference values of the statistics tests that come from R: Rscript references.R
# (R 4.2.2 with boot 1.3-28.1 and metafor 3.8-1). Nothing here is used by the build.
options(digits = 15)
darwin <- c(49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48) # Fisher, The Design of Experiments (1935), section 21: eighths of an inch

cat("# Wilson: prop.test\n")
for (x in list(c(81, 263), c(15, 148), c(0, 20), c(1, 29), c(8, 20))) print(c(x, prop.test(x[1], x[2], correct = FALSE)$conf.int))
print(c(8, 20, prop.test(8, 20, correct = FALSE, conf.level = 0.9)$conf.int))

# Tango's score statistic with the nuisance probability maximised numerically, and its roots by uniroot: no closed form in common with the code under test.
tango_z <- function(b, c, n, d) {
  loglik <- function(q) {
    part <- function(count, p) if (count > 0) count * log(max(p, 0)) else 0
    part(b, q + d) + part(c, q) + part(n - b - c, 1 - 2 * q - d)
  }
  lo <- max(0, -d)
  hi <- (1 - d) / 2
  q <- lo
  if (hi - lo > 1e-13) {
    inside <- optimize(loglik, c(lo, hi), maximum = TRUE, tol = 1e-14)$maximum
    candidates <- c(inside, lo, hi)
    q <- candidates[which.max(sapply(candidates, loglik))]
  }
  (b - c - n * d) / sqrt(n * (2 * q + d * (1 - d)))
}
tango <- function(b, c, n, conf = 0.95) {
  z <- qnorm(1 - (1 - conf) / 2)
  e <- (b - c) / n
  end <- 1 - 1e-9
  lo <- if (e == -1) -1 else uniroot(function(d) tango_z(b, c, n, d) - z, c(-end, e - 1e-12), tol = 1e-13)$root
  hi <- if (e == 1) 1 else uniroot(function(d) tango_z(b, c, n, d) + z, c(e + 1e-12, end), tol = 1e-13)$root
  c(lo, hi)
}
cat("# Tango: better, worse, n, interval\n")
for (x in list(c(9, 3, 32), c(1, 7, 21), c(40, 20, 160), c(62, 0, 88), c(3, 0, 40), c(0, 0, 50), c(0, 12, 12))) print(c(x, tango(x[1], x[2], x[3])))
print(c(40, 20, 160, tango(40, 20, 160, 0.9)))
cat("# Tango's z at a difference\n")
for (x in list(c(40, 20, 160, -0.05), c(9, 3, 32, -0.1), c(2, 5, 100, -0.05), c(2, 5, 100, 0.05))) print(c(x, tango_z(x[1], x[2], x[3], x[4])))

cat("# Sign flips, every one of 2^15: Darwin\n")
signs <- function(n) as.matrix(expand.grid(rep(list(c(-1, 1)), n)))
print(c(sum(abs(signs(15) %*% darwin) >= abs(sum(darwin))), 2^15))
real <- c(0.31, -0.12, 0.77, 0.05, -0.4, 1.1, 0.23, 0.6, -0.09, 0.45)
print(mean(abs(signs(10) %*% real) >= abs(sum(real)) - 1e-12))

cat("# Maximum of |sum| / sqrt(sum of squares) over three configurations, every one of 2^10 flips\n")
family <- cbind(real, c(0.5, 0.2, -0.1, 0.3, 0.9, -0.2, 0.4, 0.1, 0, 0.8), c(-0.1, 0.2, 0, 0.1, -0.3, 0.2, 0.1, -0.2, 0, 0.1))
scaled <- sweep(family, 2, sqrt(colSums(family^2)), "/")
maxima <- apply(abs(signs(10) %*% scaled), 1, max)
print(colSums(scaled))
print(sapply(abs(colSums(scaled)), function(t) mean(maxima >= t - 1e-12)))

cat("# BCa of a mean (Darwin) and of a ratio of sums, 10^6 draws, seed 1\n")
suppressMessages(library(boot))
jackknife <- function(values) mean(values) - values
set.seed(1)
b <- boot(darwin, function(d, i) mean(d[i]), R = 1e6)
leave <- sapply(1:15, function(i) mean(darwin[-i]))
print(boot.ci(b, type = "bca", L = jackknife(leave))$bca[4:5])
sums <- c(1, 0, 2, -1, 3, 0, 0, 1, 2, 0, -1, 4)
weights <- c(2, 1, 3, 2, 4, 1, 1, 2, 3, 1, 2, 5)
set.seed(1)
b <- boot(data.frame(sums, weights), function(d, i) sum(d$sums[i]) / sum(d$weights[i]), R = 1e6)
leave <- sapply(1:12, function(i) sum(sums[-i]) / sum(weights[-i]))
print(boot.ci(b, type = "bca", L = jackknife(leave))$bca[4:5])

cat("# Holm and Benjamini-Hochberg: the p-values of Benjamini and Hochberg (1995), section 3.2\n")
p <- c(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.000)
print(p.adjust(p, "holm"))
print(p.adjust(p, "BH"))

cat("# Random effects, BCG vaccine (Colditz et al. 1994; metafor's dat.bcg): log risk ratios\n")
suppressMessages(library(metafor))
bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
print(cbind(bcg$yi, bcg$vi))
show <- function(fit) print(c(fit$beta, fit$se, fit$ci.lb, fit$ci.ub, fit$tau2, fit$QE, fit$QEp, fit$pval))
show(rma(yi, vi, data = bcg, method = "PM", test = "knha", control = list(tol = 1e-12)))
cat("# Random effects without heterogeneity\n")
y <- c(0.1, 0.12, 0.09, 0.11, 0.13, 0.1)
v <- c(0.01, 0.02, 0.015, 0.01, 0.03, 0.02)
show(rma(y, v, method = "PM", test = "knha"))
show(rma(y, v, method = "PM", test = "adhoc"))

cat("# One-sided t tests against a margin of 10: Darwin\n")
print(c(t.test(darwin, mu = -10, alternative = "greater")$p.value, t.test(darwin, mu = 10, alternative = "less")$p.value))
print(c(t.test(darwin - 20, mu = -20, alternative = "greater")$p.value, t.test(darwin - 20, mu = 20, alternative = "less")$p.value))
