# Reference values for the criteria that say how many segments there are, on data that come with R.
# Rscript number_of_segments.R > number_of_segments.csv
# Made with R packages cluster (clusGap) and fpc (prediction.strength, clusterboot, nselectboot, cluster.stats);
# the last line of the output names their versions.
suppressMessages({library(cluster); library(fpc)})
sets <- list(iris = as.matrix(iris[, 1:4]), faithful = scale(as.matrix(faithful)))
out <- function(data, what, k, item, value, error = NA)
  cat(data, what, k, item, format(value, digits = 10), format(error, digits = 6), sep = ",", fill = FALSE, "\n")
cat("data,what,k,item,value,error,\n")
for (name in names(sets)) {
  x <- sets[[name]]
  for (space in c("original", "scaledPCA")) {
    set.seed(1)
    found <- clusGap(x, kmeans, K.max = 7, B = 500, d.power = 2, spaceH0 = space, nstart = 20, iter.max = 50,
                     verbose = FALSE)$Tab
    for (k in 1:7) out(name, paste0("gap_", space), k, "gap", found[k, "gap"], found[k, "SE.sim"])
    out(name, paste0("gap_", space), maxSE(found[, "gap"], found[, "SE.sim"], "Tibs2001SEmax"), "choice", NA)
  }
  set.seed(2)
  ps <- prediction.strength(x, Gmin = 2, Gmax = 5, M = 200, clustermethod = kmeansCBI, classification = "centroid",
                            runs = 10)
  for (k in 2:5) out(name, "prediction_strength", k, "mean", ps$mean.pred[k], sd(ps$predcorr[[k]]) / sqrt(200))
  set.seed(3)
  fw <- nselectboot(x, B = 200, distances = FALSE, clustermethod = kmeansCBI, classification = "centroid",
                    krange = 2:5, runs = 10)
  for (k in 2:5) out(name, "instability", k, "mean", fw$stabk[k])
  for (k in 2:4) {
    set.seed(4)
    for (twice in c(FALSE, TRUE)) {
      cb <- clusterboot(x, B = 200, bootmethod = "boot", multipleboot = twice, clustermethod = kmeansCBI, krange = k,
                        runs = 10, seed = 4, count = FALSE)
      sizes <- table(cb$partition)
      for (j in seq_along(sizes))
        out(name, paste0("jaccard_", if (twice) "kept" else "dropped"), k, sizes[j], cb$bootmean[j],
            sd(cb$bootresult[j, ]) / sqrt(200))
    }
    set.seed(5)
    part <- kmeans(x, k, nstart = 50, iter.max = 50)
    stats <- cluster.stats(dist(x), part$cluster)
    out(name, "separation_index", k, "value", stats$sindex)
    out(name, "inertia", k, "value", part$tot.withinss)
  }
}
cat("# R ", as.character(getRversion()), ", cluster ", as.character(packageVersion("cluster")), ", fpc ",
    as.character(packageVersion("fpc")), "\n", sep = "")
